import { Agent, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { startCareless } from './app.ts';
import { ATTACKS } from './attacks.ts';
import { honestValues } from './honest.ts';
import { asLiterals, asParameters, changesShape, tryAttacks } from './measure.ts';
import { SLOTS } from './slots.ts';

const all = Object.values(ATTACKS).flat();

describe('attacks on statements', () => {
  it.each([
    ['that were never seen', false],
    ['that are known', true],
  ])('are caught in statements %s, also after the application has changed them', (_when, warm) => {
    const { reached, caught, missed } = tryAttacks(all, warm);
    expect(reached).toBeGreaterThan(8_000);
    expect(caught / reached).toBeGreaterThan(0.985);
    // What is left are values of which the application threw most away.
    expect(missed.filter((line) => !/prefix cut off|brackets removed|blanks made one/.test(line))).toEqual(
      [],
    );
  });
});

describe('honest values', () => {
  const values = honestValues(10_000);

  it('are never refused as parameters', () => {
    expect(asParameters(values).alarms).toEqual([]);
  });

  it('are never refused when quoted rightly, in statements that were seen before', () => {
    expect(asLiterals(values, true).alarms).toEqual([]);
  });

  it('are seldom refused even in the very first statement: hostile-looking ones alone', () => {
    const { alarms, statements } = asLiterals(values, false);
    expect(alarms.length / statements).toBeLessThan(0.01);
    expect(alarms.filter((line) => !/['"=;()]/.test(line.split(' → ')[0] as string))).toEqual([]);
  });
});

const service = await postgresService();

describe.skipIf(service.absent !== undefined)('a careless application', () => {
  it('under attack sends its server nothing but the statements it meant', async () => {
    const database = await temporaryDatabase(service.url as string);
    const app = await startCareless(database.url);
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const send = (slot: number, value: string, posted: boolean): Promise<number> =>
      new Promise((resolve, reject) => {
        const path = posted ? `/${slot}` : `/${slot}?v=${encodeURIComponent(value)}`;
        const sending = request(
          `${app.url}${path}`,
          { agent, method: posted ? 'POST' : 'GET' },
          (response) => {
            response.resume().on('end', () => resolve(response.statusCode ?? 0));
          },
        );
        sending.on('error', reject).end(posted ? JSON.stringify({ v: value }) : undefined);
      });
    try {
      for (let slot = 0; slot < SLOTS.length; slot++) {
        expect(await send(slot, SLOTS[slot]?.neutral as string, false), SLOTS[slot]?.name).toBe(200);
      }
      const before = await app.look();
      app.sent.length = 0;
      let attacks = 0;
      let refused = 0;
      for (const [slot, { write }] of SLOTS.entries()) {
        const answers = await Promise.all(
          all.map(async (attack, i) => {
            const status = await send(slot, attack, i % 2 === 0);
            return { status, changed: changesShape(SLOTS[slot] as (typeof SLOTS)[0], write(attack), attack) };
          }),
        );
        for (const { status, changed } of answers) {
          if (!changed) continue;
          attacks++;
          if (status === 400) refused++;
        }
      }
      expect(attacks).toBeGreaterThan(1_500);
      expect(refused).toBe(attacks);
      const broken = app.sent.filter((text) =>
        SLOTS.every(
          (slot) => !all.some((attack) => slot.write(attack) === text && !changesShape(slot, text, attack)),
        ),
      );
      expect(broken).toEqual([]);
      const after = await app.look();
      expect(after).toMatchObject({ people: before.people });
    } finally {
      agent.destroy();
      await app.close();
      await database.drop();
    }
  });
});
