import type { RuleOptions } from '../options.ts';

/** Programs act from many machines at once. */
const PERSON = { actor: { startsNotWith: ['service:', 'key:', 'operator', 'rampart'] } };

/** Where people are. */
export const PLACE_RULES: Readonly<Record<string, RuleOptions>> = {
  geographic_anomaly: {
    title: 'One person acts from many addresses',
    description: '{actor} acted from {distinct} networks in {count} events within {window}.',
    on: '*',
    where: PERSON,
    group: 'actor',
    window: '5m',
    count: 11,
    distinct: { of: 'network', atLeast: 6 },
    coolDown: '1h',
    severity: 'MEDIUM',
    kind: 'GEO_LOCATION_ANOMALY',
    references: ['ATT&CK T1078', 'shared or stolen sessions'],
    recommended: ['look', 'require-step-up'],
  },
  geographic_anomaly_countries: {
    title: 'One person acts from many countries',
    description: '{actor} acted from {distinct} countries in {count} events within {window}.',
    on: '*',
    where: PERSON,
    group: 'actor',
    window: '5m',
    count: 11,
    distinct: { of: 'country', atLeast: 6 },
    coolDown: '1h',
    severity: 'HIGH',
    kind: 'GEO_LOCATION_ANOMALY',
    references: ['ATT&CK T1078', 'shared or stolen sessions'],
    recommended: ['end-sessions', 'require-step-up'],
  },
  impossible_travel: {
    title: 'Somebody signed in from where they cannot be',
    description:
      'The account {subject} signed in at a place that cannot be reached in the time since its last sign-in.',
    on: ['IMPOSSIBLE_TRAVEL'],
    group: 'subject',
    window: '1h',
    severity: 'MEDIUM',
    kind: 'GEO_LOCATION_ANOMALY',
    references: ['ATT&CK T1078', 'ASVS 6.3.5'],
    recommended: ['look', 'require-step-up'],
  },
};
