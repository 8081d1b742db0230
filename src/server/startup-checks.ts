import type { HealthAnswer } from './api/types.ts';
import type { ReadConfig } from './config.ts';
import type { ServerEnvironment } from './environment.ts';

type Finding = HealthAnswer['findings'][number];

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** What can be said of a configuration before the first request: pure, so that `rampart doctor` says the same. */
export function startupFindings(environment: ServerEnvironment, config: ReadConfig): readonly Finding[] {
  const findings: Finding[] = [];
  const add = (level: Finding['level'], text: string, remedy: string): void =>
    void findings.push({ level, text, remedy });
  if (environment.databaseUrl === undefined) {
    add(
      environment.production ? 'warning' : 'info',
      'Records are kept in the embedded database: one node only, and safe against a killed process but not against a power cut.',
      'Set DATABASE_URL to a PostgreSQL server.',
    );
  }
  if (environment.redisUrl === undefined) {
    add(
      environment.production ? 'warning' : 'info',
      'Limits are counted in this process: a second node would count for itself.',
      'Set REDIS_URL to a Redis or Valkey server.',
    );
  }
  if (!LOOPBACK.has(environment.host) && environment.publicUrl.startsWith('http:')) {
    add(
      'warning',
      'The server listens beyond this machine, and its public address is plain http: nobody can sign in to the console.',
      'Put TLS in front and set RAMPART_PUBLIC_URL to its https address.',
    );
  }
  if (environment.databaseUrl !== undefined && environment.secret === undefined) {
    add(
      'info',
      'This node signs tokens with a secret of its own.',
      'Set RAMPART_SECRET to the same value on all nodes that share the database.',
    );
  }
  if (!LOOPBACK.has(environment.host) && config.proxy.trustProxy === false) {
    add(
      'info',
      'No proxy is trusted: behind one, every client would have its address.',
      "Set trustProxy in rampart.config.ts to the proxy's range, such as ['uniquelocal'].",
    );
  }
  if (Object.keys(config.limits).length === 0)
    add(
      'warning',
      'No limit is configured.',
      'Add limits to rampart.config.ts; presets are exported by rampart/limit.',
    );
  return findings;
}
