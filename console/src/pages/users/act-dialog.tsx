import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { LockRequest, RolesRequest, UserAnswer } from '../../../../src/server/api/user-types.ts';
import { api } from '../../api/client.ts';
import { faultsOf, refusalWords } from '../../api/faults.ts';
import { userPath, userQuery } from '../../api/identity.ts';
import { StepUpCancelled, withFreshProof } from '../../state/step-up.ts';
import { Field } from '../../ui/field.tsx';
import { Modal } from '../../ui/overlay.tsx';
import { Button } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { RolesFields } from './roles-fields.tsx';
import { joinRoles, readRoles, splitRoles } from './roles.ts';
import { consequences } from './words.ts';
import type { Act } from './words.ts';

/** Which act is asked about; what else it needs is chosen in the dialog. */
export type Asked =
  | { readonly kind: Exclude<Act['kind'], 'end-session'> }
  | { readonly kind: 'end-session'; readonly session: string };

interface Words {
  readonly title: string;
  readonly confirm: string;
  readonly done: string;
  readonly isGrave?: boolean;
}
const WORDS: Readonly<Record<Act['kind'], (name: string) => Words>> = {
  lock: (name) => ({ title: `Lock ${name}`, confirm: 'Lock', done: `${name} is locked`, isGrave: true }),
  unlock: (name) => ({ title: `Unlock ${name}`, confirm: 'Unlock', done: `${name} is unlocked` }),
  'require-reset': (name) => ({
    title: 'Require a new password',
    confirm: 'Require it',
    done: `${name} must set a new password`,
    isGrave: true,
  }),
  'reset-factors': (name) => ({
    title: `Reset the second factors of ${name}`,
    confirm: 'Reset factors',
    done: `The second factors of ${name} are gone`,
    isGrave: true,
  }),
  'end-sessions': (name) => ({
    title: `End all sessions of ${name}`,
    confirm: 'End sessions',
    done: `All sessions of ${name} have ended`,
    isGrave: true,
  }),
  'end-session': () => ({
    title: 'End this session',
    confirm: 'End session',
    done: 'The session has ended',
    isGrave: true,
  }),
  roles: (name) => ({
    title: `Roles of ${name}`,
    confirm: 'Change roles',
    done: `The roles of ${name} are changed`,
  }),
};

interface Choice {
  readonly reason: string;
  readonly hours: number | null;
  readonly console: ReturnType<typeof splitRoles>['console'];
  readonly others: string;
}

function actOf(asked: Asked, choice: Choice): Act {
  if (asked.kind === 'lock') return { kind: 'lock', hours: choice.hours };
  if (asked.kind === 'roles')
    return { kind: 'roles', roles: joinRoles(choice.console, readRoles(choice.others)) };
  return asked as Act;
}

function send(id: string, act: Act, reason: string): Promise<UserAnswer> {
  const path = userPath(id);
  if (act.kind === 'end-session') {
    return api(`${path}/sessions/${encodeURIComponent(act.session)}`, { method: 'DELETE' });
  }
  const body: LockRequest | RolesRequest | undefined =
    act.kind === 'lock'
      ? { reason: reason.trim(), ...(act.hours === null ? {} : { hours: act.hours }) }
      : act.kind === 'roles'
        ? { roles: act.roles }
        : undefined;
  return api(`${path}/${act.kind}`, { method: 'POST', ...(body === undefined ? {} : { body }) });
}

/** Says what an act will do, asks once, does it; asks for a fresh proof where the server wants one. */
export function ActDialog({
  asked,
  answer,
  onClose,
}: {
  readonly asked: Asked;
  readonly answer: UserAnswer;
  readonly onClose: () => void;
}): ReactNode {
  const { user } = answer;
  const client = useQueryClient();
  const [choice, setChoice] = useState<Choice>(() => {
    const { console: consoleRole, others } = splitRoles(user.roles);
    return { reason: '', hours: null, console: consoleRole, others: others.join(', ') };
  });
  const words = WORDS[asked.kind](user.name || user.email);
  const act = actOf(asked, choice);
  const run = useMutation({
    mutationFn: () => withFreshProof(() => send(user.id, act, choice.reason)),
    onSuccess: () => {
      toast(words.done);
      onClose();
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: userQuery(user.id).queryKey }),
        client.invalidateQueries({ queryKey: ['users'] }),
      ]),
  });
  const isSame = act.kind === 'roles' && act.roles.toSorted().join() === user.roles.toSorted().join();
  return (
    <Modal title={words.title} onClose={onClose}>
      <form
        className="space-y-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        {asked.kind === 'lock' && <LockFields choice={choice} onChange={setChoice} error={run.error} />}
        {asked.kind === 'roles' && (
          <RolesFields
            consoleRole={choice.console}
            others={choice.others}
            fault={faultsOf(run.error)['roles']}
            onChange={(change) => setChoice({ ...choice, ...change })}
          />
        )}
        <div className="rounded-lg border border-line bg-sunken px-3 py-2.5" aria-live="polite">
          <p className="mb-1 text-xs text-faint">What will happen</p>
          <ul className="space-y-1">
            {consequences(act, answer).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
        {run.error && !(run.error instanceof StepUpCancelled) && (
          <p role="alert" className="flex items-start gap-2 text-blocked-text">
            <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            {refusalWords(run.error)}
          </p>
        )}
        <div className="flex justify-end gap-2 pt-1">
          <Button data-first={asked.kind === 'lock' ? undefined : ''} onClick={onClose}>
            Cancel
          </Button>
          <Button
            look={words.isGrave === true ? 'danger' : 'solid'}
            type="submit"
            disabled={run.isPending || isSame}
          >
            {words.confirm}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

const HOURS: readonly (readonly [string, number | null])[] = [
  ['1 hour', 1],
  ['1 day', 24],
  ['7 days', 168],
  ['Until unlocked', null],
];

function LockFields({
  choice,
  onChange,
  error,
}: {
  readonly choice: Choice;
  readonly onChange: (choice: Choice) => void;
  readonly error: Error | null;
}): ReactNode {
  return (
    <>
      <Field
        label="Reason"
        required
        data-first=""
        maxLength={200}
        placeholder="What happened?"
        hint="Stands in the audit trail and on this page; the owner does not see it."
        value={choice.reason}
        fault={faultsOf(error)['reason']}
        onChange={(event) => onChange({ ...choice, reason: event.target.value })}
      />
      <fieldset>
        <legend className="mb-1 font-medium">For how long</legend>
        <div className="flex flex-wrap gap-2">
          {HOURS.map(([label, hours]) => (
            <label
              key={label}
              className="flex h-8 items-center rounded-md border border-edge px-3 has-checked:border-solid has-checked:bg-solid has-checked:text-on-solid has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus"
            >
              <input
                type="radio"
                name="hours"
                className="sr-only"
                checked={choice.hours === hours}
                onChange={() => onChange({ ...choice, hours })}
              />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
    </>
  );
}
