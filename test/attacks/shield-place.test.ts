import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayStep } from '../../src/core/decision.ts';
import { writeMmdb } from '../../src/modules/shield/place/test-mmdb.ts';
import { placeOf } from '../../src/server/place-of.ts';
import { type RunningApp, Stage } from '../../src/testing/suites/adapter-app.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { startNodeApp } from '../adapters/node-app.ts';
import { shieldHouse } from './shield-house.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-place-'));
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const country = (code: string) => ({ country: { iso_code: code } });

describe('an application that lets in by place and reputation', () => {
  const { house, clock, records, events } = shieldHouse({
    trustProxy: ['loopback'],
    blocks: { neverBlock: ['192.0.2.99'] },
    shield: {
      place: {
        files: [
          file(
            'country.mmdb',
            writeMmdb({
              '203.0.113.0/24': { ...country('DE'), city: { names: { en: 'Berlin' } } },
              '198.51.100.0/24': country('FR'),
            }),
          ),
        ],
        lists: {
          tor: { file: file('tor.txt', 'ExitAddress 192.0.2.7 2026-01-01 00:00:00\n'), do: 'challenge' },
          drop: { file: file('drop.txt', '192.0.2.64/26\n'), do: 'deny' },
          hosting: { file: file('hosting.txt', '203.0.113.0/28\n') },
          'our-vpn': { file: file('vpn.txt', '203.0.113.16/28\n') },
        },
      },
    },
    routes: {
      '/echo/*': { shield: { place: { countries: { allow: ['DE'] } } } },
      '/hello': { shield: { place: { countries: { deny: ['FR'] } } } },
      '/empty': { shield: { place: false } },
    },
  });
  const stage = new Stage();
  let app: RunningApp;
  beforeAll(async () => {
    app = await startNodeApp(house, stage);
  });
  afterAll(async () => {
    await app.close();
    await house.close();
    rmSync(folder, { recursive: true });
  });
  const ask = async (from: string, path = '/hello') => {
    const headers = { 'user-agent': 'curl/8.9.1', 'x-forwarded-for': from };
    const { status, body } = await call(app.port, { path, headers });
    const code = status === 403 ? (JSON.parse(body) as { error: { code: string } }).error.code : '';
    return `${status} ${code}`.trim();
  };

  it('keeps countries out where they are denied, and all but some where only those are let in', async () => {
    expect(await ask('203.0.113.9')).toBe('200');
    expect(await ask('198.51.100.9')).toBe('403 PLACE_REFUSED');
    expect(await ask('198.51.100.9', '/empty')).toBe('204');
    expect(await ask('192.0.2.1')).toBe('200');
    expect(await ask('192.0.2.1', '/echo/1')).toBe('403 PLACE_REFUSED');
    expect(await ask('203.0.113.9', '/echo/1')).not.toContain('PLACE');
  });

  it('denies, challenges and notes by lists, and lets in whom the never-block list names', async () => {
    expect(await ask('192.0.2.70')).toBe('403 PLACE_REFUSED');
    expect(await ask('192.0.2.7')).toBe('403 CHALLENGE_REQUIRED');
    expect(await ask('203.0.113.1')).toBe('200');
    expect(await ask('192.0.2.99')).toBe('200');
    const step = records
      .flatMap(({ steps }) => steps)
      .find(({ guard, verdict }) => guard === 'shield.place' && verdict === 'deny');
    expect(step && replayStep(step, house.deciders)).toMatchObject({ kind: 'deny' });
  });

  it('tells of Tor and of a VPN, once an hour for each address, and of nobody else', async () => {
    events.length = 0;
    const told = async (): Promise<readonly unknown[]> => {
      await house.events.flush();
      return events
        .filter(({ type }) => type === 'TOR_EXIT_NODE' || type === 'VPN_DETECTED')
        .map(({ type, address, details }) => [type, address, details?.['list']]);
    };
    clock.advance(3_600_000);
    for (let i = 0; i < 3; i++) for (const last of [17, 18, 1]) await ask(`203.0.113.${last}`);
    await ask('192.0.2.7');
    await ask('198.51.100.1');
    const once = [
      ['VPN_DETECTED', '203.0.113.17', 'our-vpn'],
      ['VPN_DETECTED', '203.0.113.18', 'our-vpn'],
      ['TOR_EXIT_NODE', '192.0.2.7', 'tor'],
    ];
    expect(await told()).toEqual(once);
    clock.advance(3_600_000);
    await ask('192.0.2.7');
    expect(await told()).toEqual([...once, once[2]]);
  });

  it('refuses nobody of this machine or a private network, wherever they may be', async () => {
    expect(await ask('127.0.0.1', '/echo/1')).not.toContain('PLACE');
    expect(await ask('10.1.2.3', '/echo/1')).not.toContain('PLACE');
  });

  it('tells accounts the place of an address, and learns within an hour what a new file says', () => {
    const of = placeOf(house.shield).placeOf;
    // It stands on a list of those who hide where they are.
    expect(of?.('203.0.113.9')).toEqual({ country: 'DE', city: 'Berlin', hidden: true });
    expect(of?.('203.0.113.99')).toEqual({ country: 'DE', city: 'Berlin' });
    expect(of?.('192.0.2.1')).toBeUndefined();
    file('country.mmdb', '<html>');
    clock.advance(3_600_000);
    expect(of?.('203.0.113.99')).toEqual({ country: 'DE', city: 'Berlin' });
    file('country.mmdb', writeMmdb({ '203.0.113.0/24': country('AT') }));
    clock.advance(3_600_000);
    expect(of?.('203.0.113.99')).toEqual({ country: 'AT' });
  });
});
