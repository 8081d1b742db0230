import { describe, expect, it } from 'vitest';
import { RequestContext } from '../core/context.ts';
import type { EventFields } from '../core/events.ts';
import { deny } from '../core/verdict.ts';
import { ManualClock } from '../testing/clock.ts';
import { RefusalNotices } from './refusal-notices.ts';

function refused(address: string, code = 'NO'): RequestContext {
  const view = { method: 'GET', target: '/', peer: address, encrypted: false, header: () => undefined };
  const plan = { route: { name: '*', settings: {} }, guards: [], bodyGuards: [], headers: [], removes: [] };
  const context = new RequestContext(view, 0, 0, '/', plan, { address, group: address, forwarded: false });
  context.verdict = deny({ status: 403, code, message: '' }, { code: 'x', text: '' });
  context.trail = [{ guard: 'limit', verdict: context.verdict, shadow: false }];
  return context;
}

function notices() {
  const told: [string, EventFields | undefined][] = [];
  const clock = new ManualClock();
  const made = new RefusalNotices(
    { emit: (type, fields) => void told.push([type, fields]) },
    { timers: clock },
  );
  return { told, clock, notices: made };
}

describe('notices of refusals', () => {
  it('tell the first of a kind at once, and the others with the tenth, the hundredth and at the end', () => {
    const { told, clock, notices: one } = notices();
    for (let i = 0; i < 500; i++) one.refused(refused('10.0.0.1'));
    one.refused(refused('10.0.0.1', 'OTHER'));
    const counts = () =>
      told.map(([, fields]) => [fields?.details?.['code'], fields?.details?.['count'] ?? 1]);
    const soFar = [
      ['NO', 1],
      ['NO', 9],
      ['NO', 90],
      ['OTHER', 1],
    ];
    expect(counts()).toEqual(soFar);
    clock.advance(10_000);
    expect(counts()).toEqual([...soFar, ['NO', 400]]);
    clock.advance(60_000);
    expect(told).toHaveLength(5);
    one.refused(refused('10.0.0.1'));
    expect(told).toHaveLength(6);
  });

  it('stay few in a flood from everywhere, and count what they do not tell', () => {
    const { told, clock, notices: one } = notices();
    for (let i = 0; i < 6_000; i++) one.refused(refused(`10.0.${i >> 8}.${i & 255}`));
    expect(told).toHaveLength(5_000);
    clock.advance(10_000);
    expect(told.at(-1)?.[1]?.details).toMatchObject({ count: 1_000, others: true });
  });

  it('tell what shadow guards would have refused as such', () => {
    const { told, notices: one } = notices();
    const context = refused('10.0.0.1');
    const shadow = { guard: 'limit', verdict: context.verdict, shadow: true };
    context.trail = [shadow];
    one.shadowed(context);
    expect(told[0]?.[0]).toBe('REQUEST_WOULD_BE_REFUSED');
  });
});
