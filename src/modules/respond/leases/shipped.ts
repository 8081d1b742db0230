import type { Duration } from '../../../core/duration.ts';
import type { ResponseRule } from './options.ts';

const challenged = (ttl: Duration): ResponseRule => ({
  responder: 'block',
  of: 'address',
  how: 'challenge',
  ttl,
});
const blocked = (ttl: Duration): ResponseRule => ({ responder: 'block', of: 'address', how: 'deny', ttl });
const stepUp = (ttl: Duration): ResponseRule => ({ responder: 'require-step-up', of: 'account', ttl });
const raised = (ttl: Duration): ResponseRule => ({ responder: 'raise-posture', of: 'elevated', ttl });

/**
 * What is done about the shipped detectors. Addresses are challenged where honest people may stand behind them, and blocked
 * where nobody honest sends such things; of accounts nothing is asked but a second look at their owner.
 */
export const SHIPPED_RESPONSES: Readonly<Record<string, ResponseRule>> = {
  ddos_detected: challenged('15m'),
  brute_force_by_address: challenged('30m'),
  credential_stuffing: challenged('1h'),
  path_scanning: challenged('1h'),
  scanner_fingerprint: blocked('1h'),
  injection_probing: blocked('1h'),
  injection_classes: blocked('1h'),
  card_testing_by_address: challenged('1h'),
  failed_logins_by_address: { responder: 'tighten-limits', of: 'address', ttl: '15m' },
  brute_force: stepUp('1h'),
  coordinated_sign_in: stepUp('1h'),
  factor_disabled: stepUp('1h'),
  second_factor_guessing: stepUp('1h'),
  geographic_anomaly: stepUp('1h'),
  impossible_travel: stepUp('1h'),
  password_spraying: raised('30m'),
  password_spraying_reported: raised('30m'),
  credential_stuffing_reported: raised('30m'),
  coordinated_attack: raised('15m'),
  traffic_surge: raised('15m'),
};
