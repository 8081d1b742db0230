import { describe, expect, it } from 'vitest';
import { APPLICATION, nameGuards } from '../../src/server/cli/simulate/name-guards.ts';
import { Tally } from '../../src/server/cli/simulate/tally.ts';

function tally(): Tally {
  const made = new Tally();
  const add = (kind: string, status: number, code: string, decision: string | undefined): void =>
    made.add('attacker', kind, { status, code, decision, latencyMs: 1 });
  add('flood', 429, 'API', 'dec_1');
  add('flood', 429, 'API', 'dec_2');
  add('spray', 429, 'API', 'dec_3');
  add('spray', 401, 'AUTHENTICATION_ERROR', undefined);
  return made;
}

const guardsOf = (made: Tally): unknown[] =>
  [...made.kinds.values()].flatMap(({ kind, refusals }) =>
    [...refusals.values()].map(({ code, guard }) => [kind, code, guard]),
  );

describe('which guard refused', () => {
  it('is asked once per kind of refusal; without a decision it was the application', async () => {
    const made = tally();
    const asked: string[] = [];
    expect(await nameGuards(made, (id) => (asked.push(id), Promise.resolve('limit:admit')))).toBeUndefined();
    expect(asked).toEqual(['dec_1']);
    expect(guardsOf(made)).toEqual([
      ['flood', 'API', 'limit:admit'],
      ['spray', 'API', 'limit:admit'],
      ['spray', 'AUTHENTICATION_ERROR', APPLICATION],
    ]);
  });

  it('stays open, and is said to, when the server cannot be asked', async () => {
    const made = tally();
    expect(await nameGuards(made, () => Promise.reject(new Error('no')))).toMatch(/data folder/);
    expect(guardsOf(made)[0]).toEqual(['flood', 'API', undefined]);
  });
});
