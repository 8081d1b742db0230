import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactorKind } from '../contract.ts';
import { scene } from './test-lockout.ts';

const act = record({
  email: constantFrom('a@example.com', 'b@example.com', 'c@example.com'),
  from: integer({ min: 0, max: 12 }).map((i) => `192.0.2.${i}`),
  factor: constantFrom<FactorKind>('password', 'totp', 'sms'),
  secret: constantFrom('one', 'two'),
  isRight: boolean(),
  ms: integer({ min: 0, max: 120_000 }),
});
const acts = array(act, { maxLength: 150 });

describe('whatever others do', () => {
  it('changes no answer that the owner gets on a known device (A26)', async () => {
    const own = record({ isRight: boolean(), othersFirst: integer({ min: 0, max: 10 }) });
    await assert(
      asyncProperty(acts, array(own, { maxLength: 15 }), async (others, owners) => {
        const alone = scene();
        const crowded = scene();
        const queue = others.map((one) => ({ ...one, factor: 'password' as const }));
        for (const { isRight, othersFirst } of owners) {
          for (const other of queue.splice(0, othersFirst)) {
            await (other.isRight ? crowded.right(other) : crowded.wrong(other));
            crowded.clock.advance(other.ms);
            alone.clock.advance(other.ms);
          }
          const given = { email: 'a@example.com', device: 'dev_1', from: '192.0.2.1' };
          const answers = await Promise.all(
            [alone, crowded].map((one) => (isRight ? one.right(given) : one.wrong(given))),
          );
          expect(answers[0]).toBe(answers[1]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never verifies more than ten codes of one authenticator in a row (A39)', async () => {
    await assert(
      asyncProperty(acts, boolean(), async (all, onDevices) => {
        const { wrong, right, clock } = scene();
        const inARow = new Map<string, number>();
        for (const { email, from, isRight, ms } of all) {
          const device = onDevices ? `dev_${from}` : null;
          const given = { email, from, device, factor: 'totp', authenticator: `fac_${email}` } as const;
          const seen = isRight && ms < 5_000 ? await right(given) : await wrong(given);
          if (seen !== 'tried') continue;
          const count = isRight && ms < 5_000 ? 0 : (inARow.get(email) ?? 0) + 1;
          inARow.set(email, count);
          expect(count).toBeLessThanOrEqual(10);
          clock.advance(ms);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never verifies a sixth wrong password of one account and group within fifteen minutes without a delay', async () => {
    await assert(
      asyncProperty(acts, async (all) => {
        const { wrong, right, clock } = scene();
        const failures = new Map<string, number[]>();
        for (const { email, from, secret, isRight, ms } of all) {
          const key = `${email} ${from}`;
          const given = { email, from, secret };
          const seen = isRight ? await right(given) : await wrong(given);
          if (seen === 'tried' && isRight) failures.delete(key);
          if (seen === 'tried' && !isRight) {
            const times = [...(failures.get(key) ?? []), clock.now()].slice(-6);
            failures.set(key, times);
            const [first, , , , fifth, sixth] = times;
            if (first !== undefined && fifth !== undefined && sixth !== undefined)
              if (sixth - first < 900_000) expect(sixth - fifth).toBeGreaterThanOrEqual(30_000);
          }
          clock.advance(ms);
        }
      }),
      { numRuns: 60 },
    );
  });
});
