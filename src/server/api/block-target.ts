import type { DecisionRecord } from '../../core/decision.ts';
import { ValidationError } from '../../core/errors.ts';
import { Principal } from '../../core/fact.ts';
import { type BlockTarget, type OwnTraits, parseTarget } from '../../modules/shield/index.ts';
import { addressOf, type Caller, consoleRoleOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import type { ApiContext } from './route.ts';
import type { BlockKind, BlockPreview } from './types.ts';
import { CONSOLE_ROLES } from './user-types.ts';

const PREVIEW_MS = 86_400_000;

/** Reads what is to be blocked. @throws ValidationError */
export function readTarget(text: string): BlockTarget {
  const target = parseTarget(text);
  if (target === undefined)
    throw invalidTarget(
      'NOT_A_TARGET',
      'Write an address, a range such as 203.0.113.0/24, asn:64500, country:DE, user:ID, session:ID or device:ID.',
    );
  return target;
}

/** 400 that names the field and says why. */
export function invalidTarget(code: string, message: string): ValidationError {
  return new ValidationError(message, { details: [{ field: 'target', code, message }] });
}

/** What a block must not cover: nobody locks themselves out. */
export function ownTraits(c: ApiContext, caller: Caller): OwnTraits {
  const address = addressOf(c);
  const addresses = address === 'unknown' ? [] : [address];
  if (caller.kind !== 'account') {
    const user = c.env?.context?.get(Principal)?.id;
    return user === undefined ? { addresses } : { addresses, user };
  }
  const { account, id, device } = caller.session;
  return { addresses, user: `user:${account}`, session: id, ...(device === null ? {} : { device }) };
}

/**
 * Demands that a target may be blocked by this caller: not what is never blocked, not themselves, and nobody who holds
 * more power on the console than they do.
 * @throws ValidationError
 */
export async function demandBlockable(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  target: BlockTarget,
): Promise<void> {
  const refused = await refusalOf(ports, c, caller, target);
  if (refused) throw invalidTarget(refused.code.toUpperCase().replaceAll('-', '_'), refused.text);
}

async function refusalOf(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  target: BlockTarget,
): Promise<{ readonly code: string; readonly text: string } | undefined> {
  const refused = ports.blocks.refuses(target.text, ownTraits(c, caller));
  if (refused || caller.kind !== 'account') return refused;
  const own = CONSOLE_ROLES.indexOf(caller.role ?? 'viewer');
  for (const id of (await accountsBehind(ports, target)) ?? []) {
    const role = consoleRoleOf((await ports.identity?.accounts.get(id))?.roles ?? []);
    if (role !== null && CONSOLE_ROLES.indexOf(role) > own)
      return { code: 'more-power', text: `It belongs to an ${role} of this console, who outranks you.` };
  }
  return undefined;
}

/** Accounts that a user, session or device stands for; `undefined` where nobody can tell. */
async function accountsBehind(
  { identity }: Pick<ApiPorts, 'identity'>,
  target: BlockTarget,
): Promise<readonly string[] | undefined> {
  if (identity === null) return undefined;
  const { kind } = target;
  if (kind === 'user') return (await identity.accounts.get(target.id)) === undefined ? [] : [target.id];
  if (kind === 'device') return identity.devices.accountsOf(target.id);
  if (kind !== 'session') return undefined;
  const session = await identity.sessions.fresh(target.id);
  return session === undefined ? [] : [session.account];
}

/** Whom a block would have hit in the last 24 hours, and why it would not be taken. */
export async function previewOf(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  target: BlockTarget,
): Promise<BlockPreview> {
  const accounts = await accountsBehind(ports, target);
  const principals = accounts?.map((id) => `user:${id}`) ?? [];
  const hit = await ports.stores.decisions.trafficOf(target.text, ports.clock.now() - PREVIEW_MS, {
    principals,
    places: ports.places,
  });
  const refused = await refusalOf(ports, c, caller, target);
  return {
    kind: target.kind,
    target: target.text,
    ...hit,
    refused: refused?.text ?? null,
    note: noteOn(target, accounts, hit.requests),
  };
}

function noteOn(
  { kind }: BlockTarget,
  accounts: readonly string[] | undefined,
  requests: number,
): string | null {
  if (kind === 'session' || kind === 'device') {
    if (accounts === undefined)
      return `No accounts are kept here, so requests cannot be counted by ${kind}: check the id.`;
    if (accounts.length === 0) return `No ${kind} of this id is known here: check it.`;
  }
  if (kind === 'user' && requests === 0 && accounts?.length === 0)
    return 'No account has this id, and nobody called by it: check it.';
  if (kind === 'asn' && requests === 0)
    return 'Nobody came from this network. Its number is only known where a file of shield.place.files holds network numbers.';
  return null;
}

/** Features of guards that tell what a request could be blocked by. */
const TELLING: ReadonlySet<string> = new Set(['blockList', 'blockList.caller', 'shield.place']);

/** What the request of a record could have been blocked by, as its guards saw it; canonical. */
export function targetsIn(record: DecisionRecord): readonly { kind: BlockKind; target: string }[] {
  const seen: Record<string, unknown> = {};
  for (const { guard, evidence } of record.steps)
    if (TELLING.has(guard)) Object.assign(seen, evidence?.features ?? {});
  const { asn, country, user, session, device } = seen;
  const texts = [record.address, record.group];
  for (const [kind, value] of Object.entries({
    asn,
    country,
    user: user ?? record.principal,
    session,
    device,
  }))
    if (typeof value === 'string' || typeof value === 'number') texts.push(`${kind}:${value}`);
  const read = texts.map((text) => parseTarget(text)).filter((one) => one !== undefined);
  return [...new Map(read.map(({ kind, text }) => [text, { kind, target: text }])).values()];
}
