import { createContext, createElement, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { StepUpHook } from './caller.ts';
import type { Client } from './client.ts';
import type { StepUpNeed } from './errors.ts';
import { passkeys } from './passkeys.ts';
import type { Passkeys } from './passkeys.ts';
import { sessionStore } from './session-store.ts';
import type { SessionState, SessionStore } from './session-store.ts';
import type {
  MfaRequired,
  MfaStatus,
  Passkey,
  SessionList,
  SignedIn,
  SignInAnswer,
  SignInRequest,
} from './types.ts';

interface House {
  readonly client: Client;
  readonly store: SessionStore;
  readonly passkeys: Passkeys;
}
const HouseContext = createContext<House | null>(null);

/** Hands the client to the hooks below it. */
export function RampartProvider({
  client,
  children,
}: {
  readonly client: Client;
  readonly children?: ReactNode;
}): ReactNode {
  const house = useMemo(
    () => ({ client, store: sessionStore(client), passkeys: passkeys(client) }),
    [client],
  );
  return createElement(HouseContext.Provider, { value: house }, children);
}

function useHouse(): House {
  const house = useContext(HouseContext);
  if (house === null) throw new Error('This hook needs a <RampartProvider> above it.');
  return house;
}

/** The client of the provider. */
export function useClient(): Client {
  return useHouse().client;
}

/** Who is signed in, and how to end it. */
export function useSession(): SessionState & {
  readonly reload: () => Promise<void>;
  readonly signOut: () => Promise<void>;
} {
  const { store, client } = useHouse();
  const state = useSyncExternalStore(store.subscribe, store.state, store.state);
  return { ...state, reload: store.reload, signOut: client.signOut };
}

/** Where an act stands. */
export interface ActState {
  readonly isBusy: boolean;
  /** Of the last try; null while it runs and when it went well. */
  readonly error: unknown;
}

/** Runs acts one at a time and remembers how the last one went. `run` resolves to undefined where the act failed. */
function useAct(): readonly [ActState, <T>(act: () => Promise<T>) => Promise<T | undefined>] {
  const [state, setState] = useState<ActState>({ isBusy: false, error: null });
  const run = useCallback(async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    setState({ isBusy: true, error: null });
    try {
      const result = await act();
      setState({ isBusy: false, error: null });
      return result;
    } catch (error) {
      setState({ isBusy: false, error });
      return undefined;
    }
  }, []);
  return [state, run];
}

/** Sign-in with its second step: while `required` is set, a code or a passkey is due. */
export function useSignIn(): ActState & {
  readonly required: MfaRequired | null;
  readonly withPassword: (given: SignInRequest) => Promise<SignInAnswer | undefined>;
  readonly withPasskey: () => Promise<SignInAnswer | undefined>;
  readonly sendCode: (factor: 'sms' | 'email') => Promise<unknown>;
  readonly withCode: (
    factor: 'totp' | 'backup' | 'sms' | 'email',
    code: string,
  ) => Promise<SignedIn | undefined>;
  readonly withSecondPasskey: () => Promise<SignedIn | undefined>;
  /** Back to the first step. */
  readonly restart: () => void;
} {
  const { client, passkeys } = useHouse();
  const [state, run] = useAct();
  const [required, setRequired] = useState<MfaRequired | null>(null);
  const first = async (act: () => Promise<SignInAnswer>): Promise<SignInAnswer | undefined> => {
    const answer = await run(act);
    if (answer !== undefined) setRequired(answer.mfaRequired ? answer : null);
    return answer;
  };
  const second = async (act: (due: MfaRequired) => Promise<SignedIn>): Promise<SignedIn | undefined> => {
    if (required === null) return undefined;
    const answer = await run(() => act(required));
    if (answer !== undefined) setRequired(null);
    return answer;
  };
  return {
    ...state,
    required,
    withPassword: (given) => first(() => client.signIn(given)),
    withPasskey: () => first(passkeys.signIn),
    sendCode: async (factor) =>
      required && run(() => client.sendMfaCode({ challenge: required.challenge, factor })),
    withCode: (factor, code) =>
      second(({ challenge }) => client.verifyMfa({ challenge, factor, code: code.trim() })),
    withSecondPasskey: () => second(passkeys.secondStep),
    restart: () => setRequired(null),
  };
}

/** Something the server tells, and how to ask again. */
export interface Asked<T> extends ActState {
  /** Undefined until it was told for the first time. */
  readonly data: T | undefined;
  readonly reload: () => Promise<void>;
}

function useAsked<T>(ask: () => Promise<T>): Asked<T> {
  const [state, run] = useAct();
  const [data, setData] = useState<T>();
  const reload = useCallback(async () => {
    const told = await run(ask);
    if (told !== undefined) setData(told);
  }, [ask, run]);
  useEffect(() => void reload(), [reload]);
  return { ...state, data, reload };
}

/** The second factors of the account. Acts are on `useClient().mfa`; call `reload` after them. */
export function useMfa(): Asked<MfaStatus> {
  const { client } = useHouse();
  return useAsked(client.mfa.status);
}

/** The sessions of the account. */
export function useSessions(): Asked<SessionList['sessions']> & {
  readonly end: (id: string) => Promise<void>;
  readonly endOthers: () => Promise<void>;
} {
  const { client } = useHouse();
  const asked = useAsked(useCallback(async () => (await client.sessions.list()).sessions, [client]));
  return {
    ...asked,
    end: (id) => client.sessions.end(id).then(asked.reload),
    endOthers: () => client.sessions.endOthers().then(asked.reload),
  };
}

/** The passkeys of the account, and what the browser can do with them. */
export function usePasskeys(): Asked<readonly Passkey[]> & Passkeys {
  const { client, passkeys } = useHouse();
  return {
    ...useAsked(useCallback(async () => (await client.passkeys.list()).passkeys, [client])),
    ...passkeys,
  };
}

/**
 * Shows a dialog when a call needs a fresh factor: `need` is set while one is due; prove it with `client.stepUp.prove` or a
 * passkey, then call `settle(true)`, and the call is repeated. Use it in one place of the page.
 */
export function useStepUp(): {
  readonly need: StepUpNeed | null;
  readonly settle: (isProven: boolean) => void;
} {
  const { client } = useHouse();
  const [open, setOpen] = useState<{
    readonly need: StepUpNeed;
    readonly done: (isProven: boolean) => void;
  } | null>(null);
  useEffect(() => {
    const ask: StepUpHook = (need) => new Promise((done) => setOpen({ need, done }));
    return client.onStepUp(ask);
  }, [client]);
  return {
    need: open?.need ?? null,
    settle: (isProven) => {
      setOpen(null);
      open?.done(isProven);
    },
  };
}
