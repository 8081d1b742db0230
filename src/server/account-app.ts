import type { IncomingMessage, ServerResponse } from 'node:http';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { contextOf } from '../adapters/node/index.ts';
import type { Clock } from '../core/clock.ts';
import type { RequestContext } from '../core/context.ts';
import type { PrincipalValue } from '../core/fact.ts';
import { newSecret } from '../core/id.ts';
import type { Identity, Mailbox } from '../modules/identity/index.ts';
import type { Logger } from '../base/observe/index.ts';
import { isAccountPath } from './account-paths.ts';
import { createAccountApi } from './api/index.ts';
import type { Stores } from './data/index.ts';
import type { JudgePassword } from '../modules/validate/fields/password.ts';
import type { House } from './house.ts';
import { deviceCookieOf, type DpopCheck, principalBehind } from './identify.ts';
import { judgeBy } from './password-judge.ts';
import { PACKAGE_ROOT, VERSION } from './version.ts';

/** Accounts inside an application. */
export interface AttachedAccounts {
  /** Everything that people do with their account, as calls. */
  readonly identity: Identity;
  /** Mails and messages of development, newest first; null where all of them go out, and in production. */
  readonly mailbox: Mailbox | null;
  /** Judges new passwords by the policy of `identity`: for `password(judge)` and `register(judge)` of `rampart/fields`. */
  readonly judgePassword: JudgePassword;
  /** Who is behind a request: asked by the corridor. */
  principal(context: RequestContext): PrincipalValue | undefined | Promise<PrincipalValue | undefined>;
  /** Device that a request names, signed in or not: asked by the block list while a device is blocked. */
  deviceOf(context: RequestContext): string | undefined;
  /**
   * Answers /auth, /account and /.well-known/jwks.json for runtimes that speak Request and Response.
   * @param context the request's way through the corridor: `contextOf(request)` of the adapter
   * @returns `undefined` for every other path
   */
  fetch(request: Request, context: RequestContext | undefined): Promise<Response | undefined>;
  /** The same for node:http, Express and Connect, after the guard: `app.use(guard.accounts.handle)`. */
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => void;
}

/** What accounts inside an application stand on. */
export interface AccountAppParts {
  readonly identity: Identity;
  readonly mailbox: Mailbox | null;
  readonly dpop: DpopCheck | undefined;
  readonly house: House;
  readonly stores: Stores;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Makes the handlers. */
export function accountApp(parts: AccountAppParts): AttachedAccounts {
  const { identity, house } = parts;
  const consoleDir = join(PACKAGE_ROOT, 'console', 'dist');
  const api = createAccountApi({
    facts: {
      version: VERSION,
      node: house.node,
      consoleDir: existsSync(join(consoleDir, 'account.html')) ? consoleDir : null,
      // Nobody is told it: an application has no command line that speaks to it.
      operatorKey: newSecret(),
      secret: parts.secret,
      securityContacts: [],
    },
    identity,
    stores: parts.stores,
    clock: parts.clock,
    log: parts.log,
    fail: (error, context) => house.fail(error, context),
  });
  const listener = getRequestListener(
    (request, env) => {
      const { incoming } = env as { incoming: IncomingMessage };
      return api.fetch(request, withContext(env, contextOf(incoming)));
    },
    { overrideGlobalObjects: false },
  );
  return {
    identity,
    mailbox: parts.mailbox,
    judgePassword: judgeBy(identity.passwords),
    principal: (context) => principalBehind(identity.sessions, context, parts.dpop),
    deviceOf: (context) => identity.devices.idOf(deviceCookieOf(context)),
    async fetch(request, context) {
      const { pathname } = new URL(request.url);
      return isAccountPath(pathname) ? api.fetch(request, withContext({}, context)) : undefined;
    },
    handle(request, response, next) {
      if (!isAccountPath(request.url ?? '')) return next();
      listener(request, response).catch(next);
    },
  };
}

function withContext(env: object, context: RequestContext | undefined): object {
  return context === undefined ? env : { ...env, context };
}
