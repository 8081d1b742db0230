import { expect, it } from 'vitest';
import { serverCheck } from './examine-records.ts';

it('says what applications lack, and how that is mended', () => {
  expect(serverCheck(undefined).findings).toEqual([]);
  expect(serverCheck({ unbounded: false, unguardedUpgrades: false }).findings).toEqual([]);
  const [finding] = serverCheck({ unbounded: true, unguardedUpgrades: true }).findings;
  expect(finding).toMatchObject({ level: 'warning' });
  expect(finding?.text).toContain('bounds no connections and takes handshakes of WebSockets past the guard');
  expect(finding?.remedy).toContain('guard.protect(server)');
});
