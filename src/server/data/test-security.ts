import { beforeEach, expect, it } from 'vitest';
import { decision, event, limited } from '../../../test/api/samples.ts';
import {
  countEvents,
  detectionSlots,
  enrolment,
  harmFigures,
  lastEvents,
  NO_FILTERS,
  overview,
  readFilters,
  signInCounts,
  signInsByFactors,
  type Stores,
} from './index.ts';

const T0 = 1_795_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What the first page of the console is made of, on one database. */
export function securitySuite(stores: () => Stores): void {
  beforeEach(() => stores().sql.script('TRUNCATE rampart.decisions, rampart.traffic, rampart.events'));
  const places = (address: string) =>
    address.startsWith('203.0.113.') ? { asn: 64_500, country: 'DE' } : { country: 'FR' };

  it('names ranges, networks, countries, clients and codes beside addresses, and narrows by each', async () => {
    const at = { atMs: T0 };
    await stores().decisions.insertMany(
      [
        decision({ ...at, weight: 10, address: '203.0.113.7' }),
        limited({ ...at, address: '203.0.113.9', userAgent: 'bot/1' }),
        decision({ ...at, address: '2001:db8:1:2::1', userAgent: null }),
        decision({ ...at, address: 'unknown' }),
      ],
      undefined,
      places,
    );
    const look = (keep: readonly string[], exclude: readonly string[] = []) =>
      overview(stores().sql, {
        fromMs: T0,
        toMs: T0 + MINUTE,
        buckets: 6,
        filters: readFilters(keep, exclude),
      });
    const found = await look([]);
    expect(found.topRanges).toEqual([
      { value: '203.0.113.0/24', requests: 11, refused: 1 },
      { value: '2001:db8:1::/48', requests: 1, refused: 0 },
    ]);
    expect(found.topNetworks).toEqual([{ value: '64500', requests: 11, refused: 1 }]);
    expect(found.topCountries).toEqual([
      { value: 'DE', requests: 11, refused: 1 },
      { value: 'FR', requests: 2, refused: 0 },
    ]);
    expect(found.topClients).toEqual([
      { value: 'curl/8', requests: 11, refused: 0 },
      { value: 'bot/1', requests: 1, refused: 1 },
    ]);
    expect(found.topCodes).toEqual([{ value: 'API_RATE_LIMIT_EXCEEDED', requests: 1, refused: 1 }]);
    expect((await look(['range:203.0.113.0/24'])).totals).toMatchObject({ allowed: 10, limited: 1 });
    expect((await look(['asn:64500'])).totals.allowed).toBe(10);
    expect((await look([], ['country:DE'])).totals).toMatchObject({ allowed: 2, limited: 0 });
  });

  it('adds up what was done to honest people, each record by its weight', async () => {
    const at = { atMs: T0 };
    const asked = {
      ...at,
      verdict: 'challenge',
      guard: 'shield.challenge',
      code: 'CHALLENGE_REQUIRED',
      status: 403,
    };
    await stores().decisions.insertMany([
      decision({ ...asked, verdict: 'challenge', address: '203.0.113.1' }),
      decision({ ...asked, verdict: 'challenge', address: '203.0.113.1' }),
      decision({ ...asked, verdict: 'challenge', address: '203.0.113.2' }),
      limited({ ...at, principal: 'user:1' }),
      limited({ ...at, principal: 'user:1' }),
      limited({ ...at, principal: 'user:2' }),
      limited(at),
      decision({ ...at, weight: 20, wouldRefuse: ['bots', 'csrf'] }),
      decision({ ...at, weight: 10, wouldRefuse: ['csrf'] }),
      limited({ ...at, wouldRefuse: ['csrf'] }),
      limited({ atMs: T0 - 1, principal: 'user:3' }),
    ]);
    await stores().events.insertMany([
      event('CHALLENGE_SOLVED', T0 + 1, { address: '203.0.113.2' }),
      event('CHALLENGE_SOLVED', T0 + 2, { address: '203.0.113.2' }),
      event('CHALLENGE_SOLVED', T0 + 3, { address: '198.51.100.1' }),
      event('CHALLENGE_SOLVED', T0 - HOUR, { address: '203.0.113.1' }),
    ]);
    const span = { fromMs: T0, toMs: T0 + MINUTE };
    expect(await harmFigures(stores().sql, { ...span, filters: NO_FILTERS })).toEqual({
      challenges: { asked: 3, callers: 2, solved: 1 },
      limited: { requests: 3, people: 2 },
      shadow: {
        requests: 30,
        guards: [
          { name: 'csrf', requests: 30 },
          { name: 'bots', requests: 20 },
        ],
      },
    });
    const one = await harmFigures(stores().sql, { ...span, filters: readFilters(['principal:user:1'], []) });
    expect(one).toMatchObject({ limited: { requests: 2, people: 1 }, shadow: { requests: 0, guards: [] } });
  });

  it('counts detections by detector and part of the span, with the newest sentence', async () => {
    const says = (rule: string, what: string, atMs: number) =>
      event('BRUTE_FORCE_ATTEMPT', atMs, { details: { detection: `det_${atMs}`, rule, what } });
    await stores().events.insertMany([
      says('brute_force', 'first', T0),
      says('brute_force', 'second', T0 + MINUTE),
      says('brute_force', 'third', T0 + 11 * MINUTE),
      says('brute_force', 'before', T0 - MINUTE),
      event('BRUTE_FORCE_ATTEMPT', T0, { details: { by: 'the application itself' } }),
      event('DETECTION', T0, { details: { detection: 'd', rule: 'path_scanning', what: 'scan' } }),
      event('DETECTION_UPDATED', T0, { details: { detection: 'd', rule: 'path_scanning' } }),
    ]);
    const { slots, sinceMs } = await detectionSlots(stores().sql, { fromMs: T0, toMs: T0 + 12 * MINUTE }, 4);
    expect(sinceMs).toBeNull();
    expect(slots.toSorted((a, b) => a.rule.localeCompare(b.rule) || a.slot - b.slot)).toEqual([
      {
        rule: 'brute_force',
        type: 'BRUTE_FORCE_ATTEMPT',
        severity: 'HIGH',
        slot: 0,
        detections: 2,
        lastAtMs: T0 + MINUTE,
        what: 'second',
      },
      {
        rule: 'brute_force',
        type: 'BRUTE_FORCE_ATTEMPT',
        severity: 'HIGH',
        slot: 3,
        detections: 1,
        lastAtMs: T0 + 11 * MINUTE,
        what: 'third',
      },
      {
        rule: 'path_scanning',
        type: 'DETECTION',
        severity: 'MEDIUM',
        slot: 0,
        detections: 1,
        lastAtMs: T0,
        what: 'scan',
      },
    ]);
  });

  it('counts events of a span by type, and says when each happened last', async () => {
    const factors = (words: string) => ({ details: { factors: words } });
    await stores().events.insertMany([
      event('SIGN_IN_SUCCEEDED', T0, factors('password')),
      event('SIGN_IN_SUCCEEDED', T0 + 1, factors('password totp')),
      event('SIGN_IN_SUCCEEDED', T0 + 2, factors('password totp')),
      event('SIGN_IN_SUCCEEDED', T0 - 1, factors('passkey')),
      event('SIGN_IN_FAILED', T0),
      event('BACKUP_CREATED', T0 - HOUR),
      event('BACKUP_CREATED', T0 - 2 * HOUR),
    ]);
    const span = { fromMs: T0, toMs: T0 + MINUTE };
    const { sql } = stores();
    expect(await signInCounts(sql, span)).toEqual({ ok: 3, failed: 1 });
    expect(await signInsByFactors(sql, span)).toEqual([
      { factors: 'password totp', signIns: 2 },
      { factors: 'password', signIns: 1 },
    ]);
    expect(await countEvents(sql, ['NEW_DEVICE', 'SIGN_IN_FAILED'], span)).toEqual({
      NEW_DEVICE: 0,
      SIGN_IN_FAILED: 1,
    });
    expect(await lastEvents(sql, ['BACKUP_CREATED', 'BACKUP_FAILED'])).toEqual({
      BACKUP_CREATED: T0 - HOUR,
    });
  });

  it('counts accounts with a second factor once, however many factors they have', async () => {
    const { sql } = stores();
    await sql.script('TRUNCATE rampart.identity_accounts, rampart.identity_totp, rampart.identity_phones');
    const account = (id: string, status: string, roles: string) => `
      INSERT INTO rampart.identity_accounts (id, email, email_key, name, locale, status, roles, created_at_ms, passkey_user)
      VALUES ('${id}', '${id}@example.org', '${id}', '${id}', 'en', '${status}', '${roles}', 1, '${id}');`;
    await sql.script(`
      ${account('a', 'active', '{administrator}')} ${account('b', 'active', '{}')}
      ${account('c', 'locked', '{viewer}')} ${account('d', 'disabled', '{}')}
      INSERT INTO rampart.identity_totp (id, account, secret, last_step, created_at_ms, confirmed_at_ms)
        VALUES ('1', 'a', 's', 0, 1, 1), ('2', 'b', 's', 0, 1, NULL), ('3', 'd', 's', 0, 1, 1);
      INSERT INTO rampart.identity_phones (id, account, phone, confirmed_at_ms) VALUES ('1', 'a', '+1', 1);`);
    expect(await enrolment(sql)).toEqual({
      accounts: 3,
      withFactor: 1,
      totp: 1,
      passkey: 0,
      phone: 1,
      staff: 2,
      staffWithFactor: 1,
    });
    await sql.script('TRUNCATE rampart.identity_accounts, rampart.identity_totp, rampart.identity_phones');
  });
}
