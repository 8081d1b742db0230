import { OptionsError } from '../core/errors.ts';
import { policyWarnings, readIdentityOptions } from '../modules/identity/index.ts';
import { rulesWithoutAccess } from '../modules/access/guard.ts';
import type { HealthAnswer } from './api/types.ts';
import type { AccountOptions, ReadConfig } from './config.ts';
import type { ServerEnvironment } from './environment.ts';
import { productionFaults } from './production-checks.ts';

type Finding = HealthAnswer['findings'][number];
type Add = (level: Finding['level'], text: string, remedy: string) => void;

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost', '[::1]']);

/** What can be said of a configuration before the first request: pure, so that `rampart doctor` says the same. */
export function startupFindings(environment: ServerEnvironment, config: ReadConfig): readonly Finding[] {
  const findings: Finding[] = [];
  const add: Add = (level, text, remedy) => void findings.push({ level, text, remedy });
  for (const { path, reason, remedy } of productionFaults(environment))
    add('error', `${path}: ${reason}. Production is not started with it.`, remedy);
  storeFindings(add, environment);
  addressFindings(add, environment, config);
  if (config.identity === false) withoutAccounts(add, config);
  else accountFindings(add, environment, config.identity);
  accessFindings(add, config);
  if (Object.keys(config.limits).length === 0)
    add(
      'warning',
      'No limit is configured.',
      'Add limits to rampart.config.ts; presets are exported by rampart/limit.',
    );
  return findings;
}

/** The house's own paths, whose routes each say whom they are for. */
const OWN =
  /^(?:[A-Z]+ )?\/(?:admin|auth|account|console|sample|livez|readyz|startupz|csp-reports|metrics|docs)(?:\/|$)/;
const MAX_NAMED = 5;

/** Every route has a rule (ASVS 8.2.1): what the configuration leaves open is named. */
function accessFindings(add: Add, { access, rules }: ReadConfig): void {
  if (access === false) return;
  const open = rulesWithoutAccess(rules).filter((rule) => !OWN.test(rule));
  if (open.length > 0)
    add(
      'warning',
      `${open.length === 1 ? 'A route has' : `${open.length} routes have`} no rule of access: ${open.slice(0, MAX_NAMED).join(', ')}${open.length > MAX_NAMED ? ', …' : ''}.`,
      "Give each a `require`: a permission, 'signed-in', 'anybody', or 'handler' where guard.require asks.",
    );
  if (access.unlisted !== 'deny' && rules.some(({ settings }) => settings['require'] !== undefined))
    add(
      'info',
      'Requests whose route no rule names are let through.',
      "Set access.unlisted to 'deny' once every route has a `require`.",
    );
}

function storeFindings(add: Add, { databaseUrl, redisUrl, production }: ServerEnvironment): void {
  if (databaseUrl === undefined) {
    add(
      production ? 'warning' : 'info',
      'Records are kept in the embedded database: one node only, and safe against a killed process but not against a power cut.',
      'Set DATABASE_URL to a PostgreSQL server.',
    );
  }
  if (redisUrl === undefined) {
    add(
      production ? 'warning' : 'info',
      'Limits are counted in this process: a second node would count for itself.',
      'Set REDIS_URL to a Redis or Valkey server.',
    );
  }
}

function addressFindings(add: Add, environment: ServerEnvironment, config: ReadConfig): void {
  const { host, publicUrl, databaseUrl, secret } = environment;
  const listensBeyond = !LOOPBACK.has(host);
  const isPlain = publicUrl.startsWith('http:');
  if (isPlain && accountsOver(environment, config)) {
    add(
      'error',
      'Accounts are on, and their public address is plain http beyond this machine: passwords and sessions would travel in the clear, and the start refuses it.',
      'Put TLS in front and set RAMPART_PUBLIC_URL to its https address.',
    );
  } else if (listensBeyond && isPlain) {
    add(
      'warning',
      'The server listens beyond this machine, and its public address is plain http: nobody can sign in to the console.',
      'Put TLS in front and set RAMPART_PUBLIC_URL to its https address.',
    );
  }
  if (databaseUrl !== undefined && secret === undefined) {
    const hasAccounts = config.identity !== false;
    add(
      hasAccounts ? 'warning' : 'info',
      hasAccounts
        ? 'This node signs and seals with a secret of its own: another node on this database could not read its second factors, links and device cookies.'
        : 'This node signs tokens with a secret of its own.',
      'Set RAMPART_SECRET to the same value on all nodes that share the database.',
    );
  }
  if (listensBeyond && config.proxy.trustProxy === false) {
    add(
      'info',
      'No proxy is trusted: behind one, every client would have its address.',
      "Set trustProxy in rampart.config.ts to the proxy's range, such as ['uniquelocal'].",
    );
  }
}

/** Whether accounts take their address from the environment, and it is another machine's. */
function accountsOver({ publicUrl }: ServerEnvironment, { identity }: ReadConfig): boolean {
  return identity !== false && identity.publicUrl === undefined && !LOOPBACK.has(new URL(publicUrl).hostname);
}

function withoutAccounts(add: Add, { identify }: ReadConfig): void {
  if (identify === undefined)
    add(
      'info',
      'Accounts are off, and nothing says who calls: limits by user count by address.',
      'Set identity in rampart.config.ts, or identify where the application has its own login.',
    );
  else
    add(
      'info',
      'Accounts are off: identify in the configuration says who calls, and sign-ins are not protected here.',
      'Keep a limit on the route that signs in; set identity in rampart.config.ts to have accounts.',
    );
}

function accountFindings(add: Add, environment: ServerEnvironment, identity: AccountOptions): void {
  const { production, smtpUrl, smsUrl } = environment;
  if (production && smtpUrl === undefined)
    add(
      'error',
      'No mail can be sent: nobody can verify an address, set a forgotten password, or hear of a sign-in that was not theirs.',
      'Set RAMPART_SMTP_URL (as a file: RAMPART_SMTP_URL_FILE), and RAMPART_MAIL_FROM.',
    );
  if (production && smsUrl === undefined)
    add(
      'info',
      'No SMS can be sent: telephones cannot be enrolled. Authenticator apps and passkeys need none.',
      'Set RAMPART_SMS_URL and RAMPART_SMS_FROM where SMS are wanted.',
    );
  for (const warning of profileWarnings(identity))
    add('warning', warning, 'Leave passwords.profile out, unless a contract demands this one.');
}

/** None where the options are wrong: that is told, with its path, where they are read for good. */
function profileWarnings(identity: AccountOptions): readonly string[] {
  try {
    const { passwords } = readIdentityOptions('identity', { ...identity, publicUrl: 'https://localhost' });
    return policyWarnings(passwords.profile);
  } catch (error) {
    if (error instanceof OptionsError) return [];
    throw error;
  }
}
