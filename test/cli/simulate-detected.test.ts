import { describe, expect, it } from 'vitest';
import { newId } from '../../src/core/id.ts';
import { readDetectOptions } from '../../src/modules/detect/index.ts';
import { ATTACKS } from '../../src/server/cli/simulate/attackers.ts';
import {
  type AskOperator,
  look,
  lookUntilSeen,
  missed,
  type Played,
} from '../../src/server/cli/simulate/detected.ts';
import { filesOf } from '../../src/server/cli/simulate/page-files.ts';

const T0 = 1_795_000_000_000;
const flood: Played = { kind: 'flood', expects: ['ddos_detected'], beganMs: T0, addresses: ['203.0.113.3'] };
const guess: Played = { kind: 'guess', expects: ['failed_logins'], beganMs: T0, addresses: [] };
const detection = (rule: string, atMs: number, address: string | null, severity = 'HIGH') => ({
  atMs,
  address,
  severity,
  details: { rule, lastMs: atMs - 400 },
});

/** A server that has detected this. */
function server(events: readonly unknown[], alerts: readonly unknown[] = []): AskOperator {
  const response = { state: 'full', startedAtMs: T0 + 1, endedAtMs: null };
  return <T>(path: string) => {
    const answer = path.startsWith('/admin/events')
      ? { events, nextBefore: null }
      : path.startsWith('/admin/alerts')
        ? { alerts }
        : { responses: [response, { ...response, startedAtMs: T0 - 1 }] };
    return Promise.resolve(answer as T);
  };
}

describe('what a simulation looks for', () => {
  it('is for each attack its own detector and address, with the seconds since its first request', async () => {
    const alert = { id: newId('alr', T0 + 3_200), rule: 'ddos_detected', lastAtMs: T0 + 9_000, count: 40 };
    const ask = server(
      [
        detection('ddos_detected', T0 + 5_000, '203.0.113.3'),
        detection('ddos_detected', T0 + 3_000, '203.0.113.3'),
        detection('ddos_detected', T0 + 1_000, '198.51.100.1'),
        detection('ddos_detected', T0 - 1, '203.0.113.3'),
      ],
      [alert, { ...alert, lastAtMs: T0 - 5 }],
    );
    const found = await look(ask, [flood, guess], T0);
    expect(found).toEqual({
      attacks: [
        {
          kind: 'flood',
          detector: 'ddos_detected',
          isQuiet: false,
          eventSeconds: 3,
          alertSeconds: 3.2,
          lagSeconds: 0.6,
        },
        {
          kind: 'guess',
          detector: null,
          isQuiet: false,
          eventSeconds: null,
          alertSeconds: null,
          lagSeconds: null,
        },
      ],
      alerts: 1,
      behind: 40,
      responses: { begun: 1, waiting: 0, ended: 0 },
    });
    expect(missed(found, 1)).toEqual(['guess']);
    expect(missed(found, 0.5)).toEqual(['flood', 'guess']);
    // Seen, and nobody was told.
    const untold = await look(server([detection('ddos_detected', T0 + 5_000, '203.0.113.3')]), [flood], T0);
    expect(missed(untold, 10)).toEqual(['flood']);
  });

  it('is waited for until all was seen, not for alerts of what is LOW, and not for longer than it may take', async () => {
    let nowMs = T0;
    const patience = {
      withinSeconds: 5,
      now: () => nowMs,
      pause: (ms: number) => Promise.resolve(void (nowMs += ms)),
    };
    const quiet = server([detection('failed_logins', T0 + 500, null, 'LOW')]);
    expect((await lookUntilSeen(quiet, [guess], T0, patience)).attacks[0]).toMatchObject({
      eventSeconds: 0.5,
      lagSeconds: 0.4,
    });
    expect(nowMs).toBe(T0);
    await lookUntilSeen(quiet, [guess, flood], T0, patience);
    expect(nowMs - T0).toBe(5_000);
  });

  it('is named by detectors that are shipped', () => {
    const rules = new Set(readDetectOptions().rules.map(({ name }) => name));
    const named = ATTACKS.flatMap(({ expects = [] }) => expects);
    expect(named.filter((name) => !rules.has(name))).toEqual([]);
    expect(
      new Set(ATTACKS.filter(({ expects = [] }) => expects.length > 0).map(({ kind }) => kind)).size,
    ).toBe(19);
  });

  it('opens of a page the files of the same server', () => {
    expect(
      filesOf('<script src="/a.js"></script><img src="//other/x.png"><link rel="s" href="/b.css?x&amp;y">'),
    ).toEqual(['/a.js', '/b.css?x&y']);
  });
});
