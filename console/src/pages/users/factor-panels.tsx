import type { ReactNode } from 'react';
import type { AuthFactor } from '../../../../src/server/api/auth-types.ts';
import type { UserAnswer } from '../../../../src/server/api/user-types.ts';
import { plural } from '../../format/number.ts';
import { countdown } from '../../format/time.ts';
import { BlockButton } from '../../ui/block-button.tsx';
import { Panel } from '../../ui/parts.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { FactorIcon } from './factor-icon.tsx';
import { FACTOR_LABEL } from './factors.ts';
import { Nothing } from './nothing.tsx';
import { ActButton } from './act-button.tsx';
import type { ActPort } from './act-button.tsx';

interface Line {
  readonly key: string;
  readonly factor: AuthFactor;
  readonly name: string;
  readonly about: ReactNode;
  readonly isDisabled: boolean;
}

function linesOf({ totp, sms, passkeys, backupCodes }: UserAnswer['factors']): readonly Line[] {
  const used = (atMs: number | null): ReactNode =>
    atMs === null ? (
      'never used'
    ) : (
      <>
        used <When atMs={atMs} />
      </>
    );
  const lines: Line[] = passkeys.map(({ id, name, backedUp, lastUsedAtMs }) => ({
    key: id,
    factor: 'passkey',
    name,
    about: (
      <>
        {backedUp ? 'Synchronised' : 'On one device'}, {used(lastUsedAtMs)}
      </>
    ),
    isDisabled: false,
  }));
  if (totp) {
    const about = used(totp.lastUsedAtMs);
    lines.push({ key: 'totp', factor: 'totp', name: FACTOR_LABEL.totp, about, isDisabled: totp.disabled });
  }
  if (sms) {
    lines.push({
      key: 'sms',
      factor: 'sms',
      name: FACTOR_LABEL.sms,
      about: sms.phoneHint,
      isDisabled: sms.disabled,
    });
  }
  if (backupCodes) {
    lines.push({
      key: 'backup',
      factor: 'backup',
      name: 'Backup codes',
      about: (
        <>
          {backupCodes.left} left, made <When atMs={backupCodes.createdAtMs} />
        </>
      ),
      isDisabled: false,
    });
  }
  return lines;
}

/** What the account proves itself with beside the password. */
export function FactorPanel({
  answer,
  port,
}: {
  readonly answer: UserAnswer;
  readonly port: ActPort;
}): ReactNode {
  const lines = linesOf(answer.factors);
  return (
    <Panel
      title="Second factors"
      actions={<ActButton port={port} kind="reset-factors" label="Reset…" small />}
      flush
    >
      {lines.length === 0 ? (
        <Nothing>
          {answer.user.mfaEnforced
            ? 'None yet; the next sign-in must enrol one.'
            : answer.user.status === 'pending'
              ? 'None yet.'
              : 'None: the password alone signs in.'}
        </Nothing>
      ) : (
        <ul className="border-t border-line">
          {lines.map(({ key, factor, name, about, isDisabled }) => (
            <li
              key={key}
              className="flex items-start gap-2.5 border-b border-line px-4 py-2 text-sm last:border-0"
            >
              <span className="mt-[0.1875rem] text-mute">
                <FactorIcon factor={factor} />
              </span>
              <span className="min-w-0">
                <span className="block break-words">{name}</span>
                <span className="block text-xs text-faint">{about}</span>
                {isDisabled && (
                  <span className="block text-xs text-blocked-text">
                    Disabled after too many wrong codes; it must be enrolled anew.
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Failed attempts and what they have earned. */
export function Attempts({ attempts }: { readonly attempts: UserAnswer['attempts'] }): ReactNode {
  return (
    <Panel title="Failed attempts" note="in a row" flush>
      {attempts.length === 0 ? (
        <Nothing>None. Success sets the count of its factor back.</Nothing>
      ) : (
        <ul className="border-t border-line">
          {attempts.map((one) => (
            <Attempt key={one.factor} attempt={one} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Attempt({ attempt }: { readonly attempt: UserAnswer['attempts'][number] }): ReactNode {
  const { factor, failures, blockedUntilMs, disabled } = attempt;
  const now = useNow(1000);
  const leftMs = blockedUntilMs === null ? 0 : blockedUntilMs - now;
  return (
    <li className="border-b border-line px-4 py-2 text-sm last:border-0">
      <p className="flex items-center gap-2.5">
        <span className="text-mute">
          <FactorIcon factor={factor} />
        </span>
        {FACTOR_LABEL[factor]}
        <span className="ml-auto text-mute numeric">{plural(failures, 'failure')}</span>
      </p>
      {disabled ? (
        <p className="mt-0.5 pl-6 text-xs text-blocked-text">
          Disabled: {factor === 'password' ? 'it must be set anew.' : 'it must be enrolled anew.'}
        </p>
      ) : (
        leftMs > 0 && (
          <p className="mt-0.5 pl-6 text-xs text-limited-text numeric">
            Next attempt in {countdown(leftMs)}; known devices are let in.
          </p>
        )
      )}
    </li>
  );
}

/** Devices that were signed in on, and are therefore known. */
export function Devices({ devices }: { readonly devices: UserAnswer['devices'] }): ReactNode {
  return (
    <Panel title="Known devices" flush>
      {devices.length === 0 ? (
        <Nothing>None yet.</Nothing>
      ) : (
        <ul className="border-t border-line">
          {devices.map(({ id, name, place, firstSeenAtMs, lastSeenAtMs }) => (
            <li
              key={id}
              className="flex items-start gap-2 border-b border-line px-4 py-2 text-sm last:border-0"
            >
              <div className="min-w-0 flex-1">
                <p className="break-words">{name}</p>
                <p className="text-xs text-faint">
                  {place !== null && <>{place} · </>}
                  seen <When atMs={lastSeenAtMs} /> · since <When atMs={firstSeenAtMs} />
                </p>
              </div>
              <BlockButton target={`device:${id}`} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
