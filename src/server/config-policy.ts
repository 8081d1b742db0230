import { createHash } from 'node:crypto';
import type { ShieldOptions } from './shield.ts';
import { withoutSources } from './feed-policy.ts';

/** What of a configuration decides nothing in the corridor. */
const DECIDES_NOTHING = {
  errors: undefined,
  // Cut before there is a decision.
  connections: undefined,
  encrypted: undefined,
  backup: undefined,
  audit: undefined,
  // Looks at what was decided.
  events: undefined,
  detect: undefined,
  responses: undefined,
  alerts: undefined,
  sinks: undefined,
  database: undefined,
  records: undefined,
  retention: undefined,
  accessLog: undefined,
  // May hold keys.
  identity: undefined,
} as const;

/** What decides of a configuration, as plain data. */
export function policyOf(raw: {
  readonly shield: ShieldOptions | false | undefined;
  readonly identify?: unknown;
}): unknown {
  const deciding = {
    ...raw,
    ...DECIDES_NOTHING,
    shield: withoutSources(raw.shield),
    identify: raw.identify && 'function',
  };
  return JSON.parse(JSON.stringify(deciding, describeFunctions)) as unknown;
}

/** Name of a policy in decision records: SHA-256, 32 hexadecimal digits. */
export function hashOf(policy: unknown): string {
  return createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 32);
}

/** Functions count by their text: another text is another policy. */
function describeFunctions(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function')
    return `function ${createHash('sha256').update(String(value)).digest('hex').slice(0, 16)}`;
  return value instanceof RegExp ? String(value) : value;
}
