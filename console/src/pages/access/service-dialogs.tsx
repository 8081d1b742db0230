import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ServiceEntry } from '../../../../src/server/api/access-types.ts';
import { api } from '../../api/client.ts';
import { plural } from '../../format/number.ts';
import { Field } from '../../ui/field.tsx';
import { pathOf } from './api.ts';
import { AskDialog } from './ask-dialog.tsx';
import { SubjectField } from './subject-field.tsx';

/** Makes an account for a program. */
export function CreateServiceDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  const [given, setGiven] = useState({ name: '', about: '', responsible: '' });
  const set = (change: Partial<typeof given>): void => setGiven((before) => ({ ...before, ...change }));
  return (
    <AskDialog<ServiceEntry>
      onClose={onClose}
      ask={{
        title: 'New service account',
        confirm: 'Create',
        done: `${given.name} has an account`,
        consequences: ['It has no roles and no keys yet: assign a role, then make a key.'],
        act: () => {
          const body = { name: given.name.trim(), about: given.about.trim(), responsible: given.responsible };
          return api<ServiceEntry>(pathOf('services'), { method: 'POST', body });
        },
        onDone: ({ id }) => void navigate({ to: '/access/programs', search: { tab: id } }),
        children: (faults) => (
          <>
            <Field
              label="Name"
              required
              data-first=""
              maxLength={100}
              autoComplete="off"
              value={given.name}
              fault={faults['name']}
              onChange={(event) => set({ name: event.target.value })}
            />
            <Field
              label="What it does"
              maxLength={500}
              autoComplete="off"
              value={given.about}
              fault={faults['about']}
              onChange={(event) => set({ about: event.target.value })}
            />
            <SubjectField
              label="Responsible"
              value={given.responsible}
              fault={faults['responsible']}
              hint="Who answers for it and is asked in reviews."
              onChange={(responsible) => set({ responsible })}
            />
          </>
        ),
      }}
    />
  );
}

/** Disables an account with its keys, or enables it again. */
export function SwitchServiceDialog({
  service: { id, name, keys, disabledAtMs },
  onClose,
}: {
  readonly service: ServiceEntry;
  readonly onClose: () => void;
}): ReactNode {
  const isOff = disabledAtMs !== null;
  return (
    <AskDialog<ServiceEntry>
      onClose={onClose}
      ask={{
        title: `${isOff ? 'Enable' : 'Disable'} ${name}`,
        confirm: isOff ? 'Enable' : 'Disable',
        done: `${name} is ${isOff ? 'enabled' : 'disabled'}`,
        isGrave: !isOff,
        consequences: isOff
          ? ['Its keys that have not run out and were not revoked open doors again.', 'Its roles hold again.']
          : [
              keys === 0
                ? 'It has no keys; its roles no longer hold.'
                : `${plural(keys, 'key')} of it ${keys === 1 ? 'opens' : 'open'} nothing within a second.`,
              'It can be enabled again.',
            ],
        act: () =>
          api<ServiceEntry>(pathOf('services', id, isOff ? 'enable' : 'disable'), { method: 'POST' }),
      }}
    />
  );
}
