import { describe, expect, it } from 'vitest';
import { standIn } from './stand-in.ts';

const { visit } = standIn();

describe('legal holds on the audit page', { timeout: 60_000 }, () => {
  it('are placed in a dialog that says why one is refused and keeps what was typed, and are lifted', async () => {
    const visitor = await visit('/console/audit');
    const { page } = visitor;
    const holds = visitor.region('Legal holds');
    const dialog = page.getByRole('dialog', { name: 'Place a legal hold' });
    const field = (name: string) => dialog.getByLabel(name, { exact: true });
    await holds.getByRole('button', { name: 'Place a hold' }).click();
    await dialog.waitFor();
    const place = dialog.getByRole('button', { name: 'Place the hold' });
    await place.click();
    // Without a reason nothing is sent.
    expect(await dialog.locator('input:invalid').count()).toBe(1);
    await field('Reason').fill('Case 99: a complaint');
    await place.click();
    await dialog.getByRole('alert').getByText('a hold on everything is none').waitFor();
    expect(await field('Reason').inputValue()).toBe('Case 99: a complaint');
    await field('Type of event').fill('ORDER_REFUNDED');
    await field('From').fill('2026-01-02T03:04');
    await field('Reason').press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const row = holds.getByRole('listitem').filter({ hasText: 'Case 99: a complaint' });
    await row.getByText('everybody').waitFor();
    await row.getByText(', ORDER_REFUNDED').waitFor();
    await row.getByRole('button', { name: 'Lift the hold Case 99: a complaint' }).click();
    await row.getByText('lifted by').waitFor();
    await visitor.leave();
  });

  it('are left alone by Escape and by who is no administrator', async () => {
    const visitor = await visit('/console/audit');
    const open = visitor.region('Legal holds').getByRole('button', { name: 'Place a hold' });
    await open.click();
    const dialog = visitor.page.getByRole('dialog', { name: 'Place a legal hold' });
    await dialog.getByLabel('Reason', { exact: true }).fill('Never sent');
    await visitor.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await visitor.page.getByText('Never sent').count()).toBe(0);
    await visitor.leave();
    const viewer = await visit('/console/audit', 'viewer');
    const shut = viewer.region('Legal holds').getByRole('button', { name: 'Place a hold' });
    await shut.waitFor();
    expect(await shut.isDisabled()).toBe(true);
    await viewer.leave();
  });
});
