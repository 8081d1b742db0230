import type { RequestContext } from '../core/context.ts';
import { Principal } from '../core/fact.ts';
import { SignedIn } from '../modules/identity/signed-in.ts';
import type { BlockListPorts } from '../modules/shield/index.ts';

/**
 * Who calls, as blocks are about it: the account behind the request, even where its sign-in is not whole yet; else the
 * principal that the application named.
 * @param deviceOf the device that a request names, signed in or not
 */
export function blockedCaller(
  deviceOf: (context: RequestContext) => string | undefined = () => undefined,
): NonNullable<BlockListPorts['caller']> {
  return (context, wants) => {
    const account = context.get(SignedIn)?.session;
    const principal = context.get(Principal);
    const user = account === undefined ? principal?.id : `user:${account.account}`;
    const session = account?.id ?? principal?.session;
    const device = account?.device ?? (wants.device ? deviceOf(context) : undefined);
    return { user, session, device };
  };
}
