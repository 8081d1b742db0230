import { useState } from 'react';
import type { ReactNode } from 'react';
import type {
  AssignmentEntry,
  RoleRequestEntry,
  RolesAnswer,
} from '../../../../src/server/api/access-types.ts';
import { api } from '../../api/client.ts';
import { fullTime } from '../../format/time.ts';
import { useSettings } from '../../state/settings.ts';
import { Field } from '../../ui/field.tsx';
import { pathOf, useKnownSubjects } from './api.ts';
import { AskDialog } from './ask-dialog.tsx';
import { expiryOf } from './expiry.ts';
import { ExpiryField, SelectField } from './fields.tsx';
import { SubjectField } from './subject-field.tsx';

const MAX_REASON = 500;

/** Name of a principal for a sentence. */
function useNameOf(subject: string): string {
  return useKnownSubjects().find((one) => one.subject === subject)?.name ?? subject;
}

/** Gives a role, or asks for one that two people must agree on. */
export function AssignDialog({
  policy,
  onClose,
}: {
  readonly policy: RolesAnswer;
  readonly onClose: () => void;
}): ReactNode {
  const [given, setGiven] = useState({ subject: '', role: '', reason: '', choice: '30', day: '' });
  const set = (change: Partial<typeof given>): void => setGiven((before) => ({ ...before, ...change }));
  const role = policy.roles.find((one) => one.role === given.role);
  const isAsking = role?.needsApproval === true;
  const expiresAtMs = expiryOf(given.choice, given.day, Date.now());
  const who = useNameOf(given.subject);
  const body = {
    subject: given.subject,
    role: given.role,
    reason: given.reason.trim(),
    ...(typeof expiresAtMs === 'number' ? { expiresAtMs } : {}),
  };
  return (
    <AskDialog
      onClose={onClose}
      ask={{
        title: 'Assign a role',
        confirm: isAsking ? 'Ask for approval' : 'Assign',
        done: isAsking ? `${given.role} is asked for; another person approves` : `${who} has ${given.role}`,
        isUnready: given.role === '' || expiresAtMs === null,
        act: () =>
          api<AssignmentEntry | RoleRequestEntry>(pathOf(isAsking ? 'requests' : 'assignments'), {
            method: 'POST',
            body,
          }),
        children: (faults) => (
          <>
            <SubjectField
              first
              label="Who"
              value={given.subject}
              fault={faults['subject']}
              onChange={(subject) => set({ subject })}
            />
            <SelectField
              label="Role"
              value={given.role}
              fault={faults['role']}
              hint={<RoleHint policy={policy} role={role} />}
              onChange={(next) => set({ role: next })}
            >
              <option value="">Choose one</option>
              {policy.roles.map((one) => (
                <option key={one.role} value={one.role}>
                  {one.role}
                  {one.needsApproval ? ' (needs a second person)' : ''}
                </option>
              ))}
            </SelectField>
            <ExpiryField
              legend="For how long"
              choice={given.choice}
              day={given.day}
              never="Until ended"
              fault={faults['expiresAtMs']}
              onChange={set}
            />
            <Field
              label="Reason"
              required
              maxLength={MAX_REASON}
              autoComplete="off"
              hint="Stands in the audit trail and in every review."
              value={given.reason}
              fault={faults['reason']}
              onChange={(event) => set({ reason: event.target.value })}
            />
          </>
        ),
      }}
    />
  );
}

/** What is to be known of a role before it is given. */
function RoleHint({
  policy,
  role,
}: {
  readonly policy: RolesAnswer;
  readonly role: RolesAnswer['roles'][number] | undefined;
}): ReactNode {
  if (!role) return 'It holds within a second, everywhere.';
  const held = [role.role, ...role.inherits];
  const never = policy.separate.flatMap(({ roles, reason }) => {
    const other = roles.find((one) => !held.includes(one));
    return other !== undefined && roles.some((one) => held.includes(one))
      ? [`Never with ${other}: ${reason}`]
      : [];
  });
  const words = [
    role.inherits.length > 0 ? `Inherits ${role.inherits.join(', ')}.` : '',
    role.needsApproval ? 'You ask for it; another administrator approves.' : '',
    ...never,
  ].filter((one) => one !== '');
  return words.length === 0 ? 'It holds within a second, everywhere.' : words.join(' ');
}

/** Ends an assignment. */
export function EndDialog({
  assignment: { id, subject, role },
  onClose,
}: {
  readonly assignment: AssignmentEntry;
  readonly onClose: () => void;
}): ReactNode {
  const who = useNameOf(subject);
  return (
    <AskDialog
      onClose={onClose}
      ask={{
        title: `End ${role} of ${who}`,
        confirm: 'End it',
        done: `${who} no longer has ${role} by this assignment`,
        isGrave: true,
        consequences: [
          `What ${role} gives to ${who} is refused within a second, everywhere.`,
          'Roles that the account has of itself, or by another assignment, stay.',
          'The assignment stays on record with its end.',
        ],
        act: () => api<AssignmentEntry>(pathOf('assignments', id), { method: 'DELETE' }),
      }}
    />
  );
}

/** Changes when an assignment runs out. */
export function ExpiryDialog({
  assignment: { id, subject, role, expiresAtMs },
  onClose,
}: {
  readonly assignment: AssignmentEntry;
  readonly onClose: () => void;
}): ReactNode {
  const who = useNameOf(subject);
  const { zone } = useSettings();
  const [given, setGiven] = useState({ choice: '30', day: '' });
  const next = expiryOf(given.choice, given.day, Date.now());
  const before =
    expiresAtMs === null ? 'Until now it has no end.' : `Until now it ends ${fullTime(expiresAtMs, zone)}.`;
  const after =
    next === null
      ? 'Choose a day that is to come.'
      : next === undefined
        ? 'From now on it lasts until somebody ends it.'
        : `From now on it ends ${fullTime(next, zone)}.`;
  return (
    <AskDialog
      onClose={onClose}
      ask={{
        title: `When ${role} of ${who} ends`,
        confirm: 'Change',
        done: `${role} of ${who} has another end`,
        isUnready: next === null,
        consequences: [before, after],
        act: () =>
          api<AssignmentEntry>(pathOf('assignments', id), {
            method: 'PATCH',
            body: { expiresAtMs: next ?? null },
          }),
        children: (faults) => (
          <ExpiryField
            legend="From today"
            choice={given.choice}
            day={given.day}
            never="Until ended"
            fault={faults['expiresAtMs']}
            onChange={(change) => setGiven({ ...given, ...change })}
          />
        ),
      }}
    />
  );
}
