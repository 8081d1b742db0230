import { useState } from 'react';
import type { ReactNode } from 'react';
import type {
  ApiKeyEntry,
  MadeKeyAnswer,
  RolesAnswer,
  ServiceEntry,
} from '../../../../src/server/api/access-types.ts';
import { api } from '../../api/client.ts';
import { Field } from '../../ui/field.tsx';
import { pathOf } from './api.ts';
import { AskDialog } from './ask-dialog.tsx';
import { expiryOf } from './expiry.ts';
import { ExpiryField, SelectField } from './fields.tsx';
import { ScopeFields } from './scope-fields.tsx';

interface KeyDialogProps {
  readonly onMade: (made: MadeKeyAnswer) => void;
  readonly onClose: () => void;
}

/** Makes a key for a service account. */
export function CreateKeyDialog({
  policy,
  services,
  service,
  onMade,
  onClose,
}: KeyDialogProps & {
  readonly policy: RolesAnswer;
  readonly services: readonly ServiceEntry[];
  readonly service: ServiceEntry | undefined;
}): ReactNode {
  const live = services.filter(({ disabledAtMs }) => disabledAtMs === null);
  const [given, setGiven] = useState({
    service: service?.id ?? live[0]?.id ?? '',
    name: '',
    choice: '90',
    day: '',
  });
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const set = (change: Partial<typeof given>): void => setGiven((before) => ({ ...before, ...change }));
  const expiresAtMs = expiryOf(given.choice, given.day, Date.now());
  return (
    <AskDialog<MadeKeyAnswer>
      onClose={onClose}
      ask={{
        title: 'New API key',
        confirm: 'Create',
        done: null,
        isUnready: scopes.length === 0 || given.service === '' || expiresAtMs === null,
        act: () => {
          const body = {
            service: given.service,
            name: given.name.trim(),
            scopes,
            ...(typeof expiresAtMs === 'number' ? { expiresAtMs } : {}),
          };
          return api<MadeKeyAnswer>(pathOf('keys'), { method: 'POST', body });
        },
        onDone: onMade,
        children: (faults) => (
          <>
            <SelectField
              label="Service account"
              value={given.service}
              fault={faults['service']}
              onChange={(next) => set({ service: next })}
            >
              {services.map(({ id, name, disabledAtMs }) => (
                <option key={id} value={id} disabled={disabledAtMs !== null}>
                  {name}
                  {disabledAtMs === null ? '' : ' (disabled)'}
                </option>
              ))}
            </SelectField>
            <Field
              label="Name"
              required
              data-first=""
              maxLength={100}
              autoComplete="off"
              placeholder="production"
              hint="Where the key will be used."
              value={given.name}
              fault={faults['name']}
              onChange={(event) => set({ name: event.target.value })}
            />
            <ScopeFields
              permissions={policy.permissions}
              scopes={scopes}
              fault={faults['scopes']}
              onChange={setScopes}
            />
            <ExpiryField
              legend="For how long"
              choice={given.choice}
              day={given.day}
              never="As long as keys may live"
              fault={faults['expiresAtMs']}
              onChange={set}
            />
          </>
        ),
      }}
    />
  );
}

const OVERLAPS: readonly (readonly [label: string, seconds: number])[] = [
  ['None: the old key ends at once', 0],
  ['1 hour', 3600],
  ['1 day', 86_400],
  ['7 days', 604_800],
  ['30 days', 2_592_000],
];

/** Gives a key a successor; both are good for the overlap. */
export function RotateKeyDialog({
  apiKey: { id, name, scopes },
  onMade,
  onClose,
}: KeyDialogProps & { readonly apiKey: ApiKeyEntry }): ReactNode {
  const [overlapSeconds, setOverlap] = useState(86_400);
  return (
    <AskDialog<MadeKeyAnswer>
      onClose={onClose}
      ask={{
        title: `Rotate ${name}`,
        confirm: 'Rotate',
        done: null,
        consequences: [
          `A successor with the same scopes (${scopes.join(', ')}) is made and shown once.`,
          overlapSeconds === 0
            ? 'The old key opens nothing any more, at once.'
            : 'The old key is good until the overlap ends, or until its own end if that is sooner.',
        ],
        act: () =>
          api<MadeKeyAnswer>(pathOf('keys', id, 'rotate'), { method: 'POST', body: { overlapSeconds } }),
        onDone: onMade,
        children: (faults) => (
          <SelectField
            first
            label="Overlap"
            hint="Time to change the programs that use it."
            fault={faults['overlapSeconds']}
            value={String(overlapSeconds)}
            onChange={(value) => setOverlap(Number(value))}
          >
            {OVERLAPS.map(([label, seconds]) => (
              <option key={seconds} value={seconds}>
                {label}
              </option>
            ))}
          </SelectField>
        ),
      }}
    />
  );
}

/** Ends a key at once. */
export function RevokeKeyDialog({
  apiKey: { id, name },
  onClose,
}: {
  readonly apiKey: ApiKeyEntry;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <AskDialog<ApiKeyEntry>
      onClose={onClose}
      ask={{
        title: `Revoke ${name}`,
        confirm: 'Revoke',
        done: `${name} is revoked`,
        isGrave: true,
        consequences: [
          'Programs that use it are refused within a second, everywhere.',
          'This can’t be undone; a new key can be made.',
        ],
        act: () => api<ApiKeyEntry>(pathOf('keys', id), { method: 'DELETE' }),
      }}
    />
  );
}
