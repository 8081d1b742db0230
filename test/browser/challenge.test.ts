import { describe, expect, it } from 'vitest';
import type { RampartEvent } from '../../src/core/events.ts';
import { events, house, open, origin, overflow, PHONE, shot } from './challenge-stage.ts';

describe('the page of a challenge', () => {
  it('solves it by itself, and opens what was asked for', async () => {
    const { context, page, complaints } = await open();
    const first = await page.goto(`${origin}/asked?a=1#there`);
    expect([first?.status(), await page.title()]).toEqual([403, 'One moment, please']);
    await page.getByText('The application: GET /asked?a=1').waitFor();
    expect(page.url()).toBe(`${origin}/asked?a=1#there`);
    const cookie = (await context.cookies()).find(({ name }) => name === 'rampart-clearance');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(complaints).toEqual([]);
    await house.events.flush();
    expect(events.map(({ type }: RampartEvent) => type)).toContain('CHALLENGE_SOLVED');
    // The next page opens at once.
    expect((await page.goto(`${origin}/`))?.status()).toBe(200);
    await context.close();
  });

  it('explains itself without JavaScript, in the language of whoever looks', async () => {
    for (const [locale, title] of [
      ['en', 'One moment, please'],
      ['ar', 'لحظة من فضلك'],
      ['vi', 'Vui lòng đợi một chút'],
    ] as const) {
      const { context, page, complaints } = await open({ javaScriptEnabled: false, locale, ...PHONE });
      await page.goto(`${origin}/asked`);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(title);
      expect(await page.locator('.no-script').isVisible()).toBe(true);
      expect(await page.locator('progress').isVisible()).toBe(false);
      expect(await page.getByText(/dec_/).isVisible()).toBe(true);
      expect(await overflow(page)).toBe(false);
      expect(complaints).toEqual([]);
      await shot(page, `no-script-${locale}`);
      await context.close();
    }
  });
});
