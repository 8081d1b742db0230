import { describe, expect, it } from 'vitest';
import type { DetectOptions, RuleOptions } from './options.ts';
import { readDetectOptions } from './read-options.ts';

const OWN: RuleOptions = {
  title: 'Own rule',
  description: 'Of my own.',
  on: ['ORDER_REFUNDED'],
  window: '1h',
  severity: 'HIGH',
};
const rule = (options: DetectOptions, name: string) =>
  readDetectOptions(options).rules.find((one) => one.name === name);
const own = (change: Record<string, unknown>): DetectOptions => ({
  rules: { own_rule: { ...OWN, ...change } },
});

describe('options of detection', () => {
  it('switch a shipped rule off, and keep it in the list', () => {
    expect(rule({ rules: { mass_read: false } }, 'mass_read')).toMatchObject({ enabled: false });
    expect(rule({}, 'mass_read')).toMatchObject({ enabled: true });
  });

  it('change the members of a shipped rule that they name, also those of a baseline, and no other', () => {
    const changed = rule(
      { rules: { mass_read: { severity: 'CRITICAL', baseline: { least: 900 } } } },
      'mass_read',
    );
    expect(changed).toMatchObject({
      severity: 'CRITICAL',
      windowMs: 3_600_000,
      baseline: { least: 900, times: 5 },
    });
  });

  it('add rules of types of events that only the application has', () => {
    expect(rule(own({}), 'own_rule')).toMatchObject({
      count: 1,
      coolDownMs: 3_600_000,
      kind: 'DETECTION',
      recommended: ['look'],
    });
  });

  it('tell shipped rules who is an administrator, and when people work', () => {
    const options: DetectOptions = {
      adminRoles: ['boss'],
      workingHours: { between: '22:00-06:00', timeZone: 'Europe/Berlin' },
    };
    expect(rule(options, 'new_admin')?.options.where).toMatchObject([{}, {}, { 'details.role': ['boss'] }]);
    expect(rule(options, 'privilege_change_out_of_hours')?.options.where).toMatchObject({
      hours: { between: '22:00-06:00' },
    });
  });

  it.each<[string, DetectOptions, RegExp]>([
    [
      'a name that is nearly that of a shipped rule',
      { rules: { mass_raed: { count: 3 } } },
      /detect\.rules\.mass_raed.*no shipped rule/,
    ],
    ['an unknown member', own({ treshold: 3 }), /detect\.rules\.own_rule\.treshold.*unknown/],
    ['a field that events do not have', own({ group: 'adress' }), /own_rule\.group\[0\]/],
    ['no type of events', own({ on: [] }), /own_rule\.on/],
    ['a window that is too short', own({ window: '1s' }), /own_rule\.window/],
    ['more members than a row holds', own({ distinct: { of: 'actor', atLeast: 91 } }), /distinct\.atLeast/],
    ['members of nothing', own({ distinct: { of: [], atLeast: 3 } }), /distinct\.of/],
    ['a baseline beside a count', own({ baseline: { least: 1 }, count: 5 }), /own_rule\.baseline/],
    ['a condition on what events do not have', own({ where: { nobody: 'x' } }), /where\.nobody/],
    ['a comparison that there is none of', own({ where: { actor: { like: 'x' } } }), /where\.actor\.like/],
    [
      'hours that are none',
      own({ where: { hours: { when: 'inside', between: '25:00-26:00' } } }),
      /hours\.between/,
    ],
    [
      'a time zone that is none',
      own({ where: { hours: { when: 'inside', between: '01:00-02:00', timeZone: 'Moon' } } }),
      /timeZone/,
    ],
    ['a severity that there is none of', own({ severity: 'LOUD' }), /severity/],
    ['a responder that there is none of', own({ recommended: ['shoot'] }), /recommended\[0\]/],
  ])('refuse %s', (_what, options, message) => {
    expect(() => readDetectOptions(options)).toThrow(message);
  });
});
