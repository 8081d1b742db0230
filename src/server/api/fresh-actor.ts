import { addressOf, type Caller, nameOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import type { ApiContext } from './route.ts';

const FRESH_MS = 600_000;

/** Who acts, for the audit trail. */
export interface FreshActor {
  readonly id: string;
  readonly address: string;
}

/**
 * Acts need a second factor that was proven lately. The operator key and set-up links, which only it makes, are how an
 * administrator who has lost every factor is helped: they have none to prove.
 * @throws AppError 401 FRESH_AUTH_REQUIRED, 403 MFA_REQUIRED
 */
export async function freshActor(
  { identity }: Pick<ApiPorts, 'identity'>,
  c: ApiContext,
  caller: Caller,
): Promise<FreshActor> {
  if (caller.kind === 'account')
    await identity?.requireFresh(caller.session, { withinMs: FRESH_MS, factor: 'second', aal: 2 });
  return { id: nameOf(caller), address: addressOf(c) };
}
