import { USES_TO_ROTATE } from '../../base/secrets/index.ts';
import type { HealthAnswer } from '../api/types.ts';
import type { KeyView } from './rows.ts';

type Finding = HealthAnswer['findings'][number];

const DAY_MS = 86_400_000;
/** NIST SP 800-57 part 1, 5.3.6: at most two years for data keys; a year leaves time to act. */
const MAX_AGE_DAYS = 365;

/**
 * What is to be said about keys: pure, so that the start, the health page and `rampart doctor` say the same.
 * @param wrapper name of what is configured to wrap keys
 */
export function keyFindings(keys: readonly KeyView[], nowMs: number, wrapper?: string): readonly Finding[] {
  const findings: Finding[] = [];
  const foreign = keys.filter((key) => key.wrapper !== 'derived' && key.wrapper !== wrapper);
  if (wrapper !== undefined && foreign.length > 0)
    findings.push({
      level: 'warning',
      text: `${foreign.length} keys are wrapped by ${[...new Set(foreign.map((key) => key.wrapper))].join(', ')}, and ${wrapper} is configured.`,
      remedy: 'rampart keys rewrap',
    });
  for (const key of keys) {
    const name = `'${key.id}' for ${key.purpose}`;
    if (key.state === 'retired') continue;
    if (!key.usable) {
      findings.push({
        level: 'error',
        text: `The key ${name} cannot be used on this node: it belongs to another wrapping key (${key.wrapper}).`,
        remedy:
          'Give this node the RAMPART_SECRET, RAMPART_WRAPPING_KEY or RAMPART_KMS_URL that the others have.',
      });
    }
    const ageDays = Math.floor((nowMs - key.createdAtMs) / DAY_MS);
    if (key.state === 'active' && ageDays > MAX_AGE_DAYS) {
      findings.push({
        level: 'warning',
        text: `The key ${name} is ${ageDays} days old.`,
        remedy: `rampart keys rotate ${key.purpose}`,
      });
    }
    if (key.state === 'active' && key.uses >= USES_TO_ROTATE) {
      findings.push({
        level: 'warning',
        text: `The key ${name} has sealed ${key.uses.toLocaleString('en')} times; at 2^32 it stops.`,
        remedy: `rampart keys rotate ${key.purpose}`,
      });
    }
  }
  return findings;
}
