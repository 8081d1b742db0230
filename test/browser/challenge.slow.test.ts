import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { open, origin, overflow, PHONE, shot, violations } from './challenge-stage.ts';

describe('the page of a challenge', () => {
  it('fits a telephone, light and dark, and satisfies axe while it works and when it is done', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      // The proof is never answered: the page stays as it is while it works.
      const held = (page: Page): Promise<unknown> =>
        page.route('**/challenge', (route) =>
          route.request().method() === 'POST' ? undefined : route.continue(),
        );
      const { context, page } = await open({ ...PHONE, colorScheme, bypassCSP: true }, held);
      await page.goto(`${origin}/asked`);
      await page.locator('[data-state=working]').waitFor();
      await page.waitForFunction("document.querySelector('progress').value === 16");
      expect(await page.getByRole('status').innerText()).toBe('Your browser is working…');
      expect(await overflow(page)).toBe(false);
      expect(await violations(page)).toEqual([]);
      await shot(page, `working-${colorScheme}`);
      await context.close();
    }
  });

  it('says what is wrong without cookies, and offers another try', async () => {
    const blocked = (page: Page): Promise<unknown> =>
      page.route('**/challenge', async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        const answer = await route.fetch();
        await page.context().clearCookies();
        const { 'set-cookie': _cookie, ...headers } = answer.headers();
        return route.fulfill({ response: answer, headers });
      });
    const { context, page } = await open({ ...PHONE, bypassCSP: true }, blocked);
    await page.goto(`${origin}/asked`);
    const again = page.getByRole('button', { name: 'Try again' });
    await again.waitFor();
    expect(await page.getByRole('status').innerText()).toContain('keeps no cookies');
    expect(await page.evaluate("document.activeElement.id === 'retry'")).toBe(true);
    expect(await violations(page)).toEqual([]);
    await shot(page, 'cookies');
    await page.unroute('**/challenge');
    await again.click();
    await page.getByText('The application: GET /asked').waitFor();
    await context.close();
  });

  it('stops after a few rounds that lead nowhere', async () => {
    // An address that changes all the time: no clearance is ever good.
    let asked = 0;
    const wandering = (page: Page): Promise<unknown> =>
      page.route('**/asked', (route) =>
        route.continue({ headers: { ...route.request().headers(), 'user-agent': `other${asked++}` } }),
      );
    const { context, page } = await open({}, wandering);
    let proofs = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST') proofs++;
    });
    await page.goto(`${origin}/asked`);
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    expect(proofs).toBeLessThanOrEqual(3);
    await context.close();
  });

  it('works where there are no workers, and goes on answering meanwhile', async () => {
    const { context, page, complaints } = await open({}, (page) =>
      page.addInitScript(() => {
        Object.defineProperty(globalThis, 'Worker', { value: undefined });
      }),
    );
    await page.goto(`${origin}/asked`);
    await page.getByText('The application: GET /asked').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('asks for a form to be sent again, and leads back to it', async () => {
    const { context, page } = await open(PHONE);
    await page.route('**/start', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: '<form method="post" action="/form"><button>Send</button></form>',
      }),
    );
    await page.goto(`${origin}/start`);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Go back and send the form once more').waitFor();
    await shot(page, 'form');
    await page.getByRole('button', { name: 'Go back' }).click();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('The application: POST /form').waitFor();
    await context.close();
  });

  it('A33: goes on to the path that was named, on this site alone', async () => {
    const { context, page } = await open();
    await page.goto(`${origin}/.well-known/rampart/challenge?next=/orders%3Fa%3D1`);
    await page.waitForURL(`${origin}/orders?a=1`);
    await page.goto(`${origin}/.well-known/rampart/challenge?next=//evil.example/`);
    await page.waitForURL(`${origin}/`);
    await context.close();
  });
});
