import { useMutation, useQuery } from '@tanstack/react-query';
import { startAuthentication } from '@simplewebauthn/browser';
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { AuthFactor, PasskeyOptions, StepUpRequest } from '../../../src/server/api/auth-types.ts';
import { api } from '../api/client.ts';
import { stepUpQuery } from '../api/identity.ts';
import { useStepUpAsk } from '../state/step-up.ts';
import type { StepUpAsk } from '../state/step-up.ts';
import { duration } from '../format/time.ts';
import { FACTOR_LABEL, isSent, proofOf, usableFactors } from '../pages/users/factors.ts';
import { FactorIcon } from '../pages/users/factor-icon.tsx';
import { Modal } from '../ui/overlay.tsx';
import { Button, INPUT, INPUT_TEXT, Skeleton } from '../ui/parts.tsx';

/** Asks who is there once more, before something that matters; then the act goes on by itself. */
export default function StepUpDialog(): ReactNode {
  const ask = useStepUpAsk();
  return ask === null ? null : <Ask ask={ask} />;
}

function Ask({ ask }: { readonly ask: StepUpAsk }): ReactNode {
  const options = useQuery(stepUpQuery);
  const factors = usableFactors(options.data?.factors ?? [], ask.factors);
  const [chosen, setChosen] = useState<AuthFactor | null>(null);
  const factor = chosen ?? factors[0] ?? null;
  const others = factors.filter((one) => one !== factor);
  return (
    <Modal title="Is it you?" onClose={() => ask.settle(false)}>
      <p className="mb-4 text-sm text-mute">
        This act needs a proof that it is you
        {ask.withinSeconds !== null && <>, not older than {duration(ask.withinSeconds * 1000)}</>}. It goes on
        by itself afterwards.
      </p>
      {options.isPending ? (
        <Skeleton className="h-28" />
      ) : factor === null ? (
        <NoWay error={options.error} />
      ) : (
        <Proof key={factor} factor={factor} onProven={() => ask.settle(true)} />
      )}
      {others.length > 0 && (
        <div className="mt-4 border-t border-line pt-3">
          <p className="mb-1.5 text-xs text-faint">Or prove it by</p>
          <div className="flex flex-wrap gap-2">
            {others.map((one) => (
              <Button key={one} onClick={() => setChosen(one)}>
                <FactorIcon factor={one} />
                {FACTOR_LABEL[one]}
              </Button>
            ))}
          </div>
        </div>
      )}
    </Modal>
  );
}

/** Nothing that the server would take, and what to do about it. */
function NoWay({ error }: { readonly error: Error | null }): ReactNode {
  return (
    <div role="alert" className="rounded-lg bg-challenged-tint px-3 py-2 text-sm text-challenged-text">
      <p>
        {error === null
          ? 'Your account has no factor that is good enough for this.'
          : 'Here this can’t be proven: whoever came by a set-up link has no factors.'}
      </p>
      <p className="mt-1">
        Sign in with an account that has a second factor, or{' '}
        <a href="/account/enrol?next=/console" className="underline underline-offset-4">
          enrol one
        </a>
        .
      </p>
    </div>
  );
}

function Proof({
  factor,
  onProven,
}: {
  readonly factor: AuthFactor;
  readonly onProven: () => void;
}): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const prove = useMutation({
    mutationFn: async () => {
      const body: StepUpRequest = factor === 'passkey' ? await askPasskey() : proofOf(factor, typed);
      return api('/auth/step-up', { method: 'POST', body });
    },
    onSuccess: onProven,
    onError: () => {
      setTyped('');
      field.current?.focus();
    },
  });
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      className="space-y-3 text-sm"
      onSubmit={(event) => {
        event.preventDefault();
        prove.mutate();
      }}
    >
      {isSent(factor) && <Send />}
      {factor !== 'passkey' && (
        <ProofField factor={factor} field={field} value={typed} onChange={setTyped} isWrong={prove.isError} />
      )}
      {prove.error && (
        <p id="proof-error" role="alert" className="text-blocked-text">
          {passkeyWords(prove.error)}
        </p>
      )}
      <div className="flex justify-end">
        <Button
          look="solid"
          type="submit"
          data-first={factor === 'passkey' ? '' : undefined}
          disabled={prove.isPending || (factor !== 'passkey' && typed.trim() === '')}
        >
          {factor === 'passkey' && <FactorIcon factor="passkey" />}
          {prove.isPending ? 'Asking…' : factor === 'passkey' ? 'Use your passkey' : 'Continue'}
        </Button>
      </div>
    </form>
  );
}

const HINT: Readonly<Partial<Record<AuthFactor, string>>> = {
  totp: 'Six digits from your authenticator app',
  backup: 'One of your backup codes; each works once',
  sms: 'Six digits from the message',
  email: 'Six digits from the mail',
};

function ProofField({
  factor,
  field,
  value,
  onChange,
  isWrong,
}: {
  readonly factor: AuthFactor;
  readonly field: React.RefObject<HTMLInputElement | null>;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isWrong: boolean;
}): ReactNode {
  const isDigits = factor === 'totp' || isSent(factor);
  return (
    <label className="block font-medium">
      {FACTOR_LABEL[factor]}
      {HINT[factor] !== undefined && (
        <span className="block text-xs font-normal text-faint">{HINT[factor]}</span>
      )}
      <input
        ref={field}
        required
        type={factor === 'password' ? 'password' : 'text'}
        inputMode={isDigits ? 'numeric' : 'text'}
        autoComplete={factor === 'password' ? 'current-password' : 'one-time-code'}
        autoCapitalize="none"
        spellCheck={false}
        maxLength={factor === 'password' ? 256 : 40}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? 'proof-error' : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={`${INPUT} ${INPUT_TEXT} mt-1 font-normal ${isDigits ? 'tracking-widest numeric' : ''}`}
      />
    </label>
  );
}

function Send(): ReactNode {
  const send = useMutation({
    mutationFn: () => api('/auth/step-up/send', { method: 'POST' }),
  });
  return (
    <div className="flex items-center gap-3">
      <Button disabled={send.isPending} onClick={() => send.mutate()}>
        {send.isSuccess ? 'Send another code' : 'Send a code'}
      </Button>
      <span role="status" className={send.error ? 'text-blocked-text' : 'text-mute'}>
        {send.error?.message ?? (send.isSuccess ? 'A code is on its way.' : '')}
      </span>
    </div>
  );
}

async function askPasskey(): Promise<StepUpRequest> {
  const { challenge, options } = await api<PasskeyOptions>('/auth/passkeys/step-up/options', {
    method: 'POST',
  });
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const response = await startAuthentication({ optionsJSON });
  return { factor: 'passkey', passkey: { challenge, response } };
}

/** Browsers say of a closed dialog of theirs what nobody can read. */
function passkeyWords(error: Error): string {
  return error.name === 'NotAllowedError' || error.name === 'AbortError'
    ? 'No passkey was used. Try again, or choose another proof.'
    : error.message;
}
