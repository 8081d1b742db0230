import type { EventFilters } from '../../src/server/data/index.ts';
import { END_MS } from './data.ts';

const HOUR_MS = 3_600_000;

/** What an explorer asks: by the name under which the table shows it. */
export const SEARCHES: Readonly<Record<string, EventFilters>> = {
  'no filter': {},
  'type, 45 % of all': { types: ['REQUEST_REFUSED'] },
  'type, 1 in 100,000': { types: ['BACKUP_CREATED'] },
  'three types': { types: ['SIGN_IN_FAILED', 'BLOCK_ADDED', 'REFRESH_REUSE'] },
  'severity HIGH and CRITICAL': { severities: ['HIGH', 'CRITICAL'] },
  'class audit': { class: 'audit' },
  'outcome failure': { outcome: 'failure' },
  actor: { actor: 'user:2001' },
  'address, 5 % of all': { address: '203.0.113.7' },
  'address, seldom': { address: '10.0.39.16' },
  'range of 256 addresses': { address: '10.0.39.0/24' },
  'range of 4 million addresses': { address: '10.0.0.0/8' },
  'route, 1 in 40': { route: 'GET /route/7' },
  session: { session: 'ses_2001' },
  'session and type': { session: 'ses_2001', types: ['SIGN_IN_FAILED'] },
  'request, by its id': { request: 'edge-2001' },
  'trace, none': { trace: 'ffffffffffffffffffffffffffffffff' },
  unresolved: { resolved: false },
  'resolved (none)': { resolved: true },
  'an hour, 30 days ago': { fromMs: END_MS - 721 * HOUR_MS, toMs: END_MS - 720 * HOUR_MS },
  'type and severity': { types: ['REFRESH_REUSE'], severities: ['CRITICAL'] },
  'type and address, both frequent': { types: ['SIGN_IN_FAILED'], address: '203.0.113.7' },
  'type and route': { types: ['BLOCK_ADDED'], route: 'GET /route/7' },
  'type and severity that never meet': { types: ['SIGN_IN_FAILED'], severities: ['CRITICAL'] },
  'actor and outcome': { actor: 'user:2001', outcome: 'failure' },
  'range and type': { address: '10.1.0.0/16', types: ['SIGN_IN_FAILED'] },
  'word in nearly all': { text: 'often' },
  'word in 1 of 3,000': { text: 'seldom' },
  'word in 10 events': { text: 'hapax' },
  'word in none': { text: 'absent' },
  'two words': { text: 'seldom reason7' },
  'word and type': { text: 'seldom', types: ['SIGN_IN_FAILED'] },
  'word and address': { text: 'reason7', address: '203.0.113.7' },
  'word and an hour, 30 days ago': {
    text: 'reason7',
    fromMs: END_MS - 721 * HOUR_MS,
    toMs: END_MS - 720 * HOUR_MS,
  },
};

/** The same, where none of the newest hundreds of thousands of events is what is asked for. */
export const AFTER_FLOOD: Readonly<Record<string, EventFilters>> = Object.fromEntries(
  [
    'type, 45 % of all',
    'three types',
    'severity HIGH and CRITICAL',
    'actor',
    'address, 5 % of all',
    'type and address, both frequent',
    'word in nearly all',
    'word in 1 of 3,000',
    'word in none',
    'word and type',
  ].map((name) => [`${name}, after a flood`, SEARCHES[name] ?? {}]),
);
