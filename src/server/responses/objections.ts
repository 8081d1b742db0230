import { parseCidr } from '../../core/address.ts';
import type { LeaseTarget, Objection, Responder } from '../../modules/respond/index.ts';
import { CONSOLE_ROLES } from '../api/user-types.ts';
import { coversOperators } from './estimate.ts';
import type { ResponseParts } from './parts.ts';

/** Who asks, as far as it must not hit them. */
export interface Asker {
  readonly address?: string;
  readonly user?: string;
}

/** What nobody may do, whoever asks. */
export async function forbidden(
  parts: ResponseParts,
  responder: Responder,
  target: LeaseTarget,
  asker: Asker,
): Promise<readonly Objection[]> {
  const unable = unsupported(parts, responder);
  if (unable !== undefined) return [unable];
  if (target.kind === 'range') return responder === 'block' ? ofRange(parts, target, asker) : [];
  if (target.kind === 'user' && (responder === 'lock-account' || responder === 'end-sessions'))
    return ofAccount(parts, target.id, asker);
  return [];
}

function unsupported({ house, identity }: ResponseParts, responder: Responder): Objection | undefined {
  if (responder === 'raise-posture' && house().shield.traffic === null)
    return { code: 'not-supported', text: 'Traffic patterns are off, so there is no posture to raise.' };
  if ((responder === 'require-step-up' || responder === 'end-sessions') && identity() === null)
    return {
      code: 'not-supported',
      text: 'Accounts are not kept here, so nothing is known of their sessions.',
    };
  return undefined;
}

async function ofRange(
  parts: ResponseParts,
  target: Extract<LeaseTarget, { kind: 'range' }>,
  asker: Asker,
): Promise<readonly Objection[]> {
  const own = asker.address === undefined ? {} : { addresses: [asker.address] };
  const refused = parts.house().blocks.refuses(target.text, own);
  if (refused !== undefined) return [refused];
  const { allow } = await parts.stores.lists.all();
  if (allow.some(({ value }) => overlaps(value, target)))
    return [{ code: 'allow-listed', text: 'It would cover an address on the allow list of the limits.' }];
  const { sql } = parts.stores;
  if (await coversOperators(sql, target, CONSOLE_ROLES, parts.clock.now()))
    return [{ code: 'operators', text: 'People who run the console come from there.' }];
  return [];
}

function overlaps(value: string, { range }: Extract<LeaseTarget, { kind: 'range' }>): boolean {
  const listed = parseCidr(value);
  if (listed === undefined || listed.network.version !== range.network.version) return false;
  const bits = Math.min(listed.bits, range.bits);
  return sameBits(listed.network.bytes, range.network.bytes, bits);
}

function sameBits(one: Uint8Array, other: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (one[i] !== other[i]) return false;
  const rest = 8 - (bits & 7);
  return rest === 8 || (one[whole] as number) >> rest === (other[whole] as number) >> rest;
}

async function ofAccount(
  { identity }: ResponseParts,
  id: string,
  asker: Asker,
): Promise<readonly Objection[]> {
  if (asker.user === id) return [{ code: 'own-account', text: 'It is your own account.' }];
  const accounts = identity()?.accounts;
  if (accounts === undefined) return [];
  const { users, total } = await accounts.list({ role: 'administrator', status: 'active', limit: 1 });
  return total === 1 && users[0]?.id === id
    ? [{ code: 'last-admin', text: 'It is the last administrator.' }]
    : [];
}
