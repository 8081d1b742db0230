import type { AccountPorts } from '../../ports.ts';
import type { Route } from '../../route.ts';
import { accountRoutes } from './account.ts';
import { emailRoutes } from './email.ts';
import { keyRoutes } from './keys.ts';
import { mfaRoutes } from './mfa.ts';
import { passkeyRoutes } from './passkeys.ts';
import { passwordRoutes } from './password.ts';
import { accountSessionRoutes } from './session.ts';
import { signInRoutes } from './sign-in.ts';
import { signUpRoutes } from './sign-up.ts';
import { stepUpRoutes } from './step-up.ts';

/** Everything under /auth, and the keys of its tokens; nothing where the application has a login of its own. */
export function authRoutes(ports: AccountPorts): readonly Route[] {
  const { identity } = ports;
  if (!identity) return [];
  const known = { ...ports, identity };
  return [
    ...signUpRoutes(known),
    ...signInRoutes(known),
    ...accountSessionRoutes(known),
    ...accountRoutes(known),
    ...mfaRoutes(known),
    ...passkeyRoutes(known),
    ...passwordRoutes(known),
    ...emailRoutes(known),
    ...stepUpRoutes(known),
    ...keyRoutes(known),
  ];
}
