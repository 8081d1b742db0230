import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ConsoleRole, InviteRequest, UserAnswer } from '../../../../src/server/api/user-types.ts';
import { api } from '../../api/client.ts';
import { faultsOf, refusalWords } from '../../api/faults.ts';
import { useSession } from '../../api/identity.ts';
import { StepUpCancelled, withFreshProof } from '../../state/step-up.ts';
import { Field } from '../../ui/field.tsx';
import { Modal } from '../../ui/overlay.tsx';
import { Button } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { RolesFields } from './roles-fields.tsx';
import { joinRoles, readRoles } from './roles.ts';

/** Makes an account for somebody, who chooses the password through a link in a mail. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { mailbox } = useSession();
  const [given, setGiven] = useState({ email: '', name: '', others: '' });
  const [role, setRole] = useState<ConsoleRole | null>(null);
  const invite = useMutation({
    mutationFn: () => {
      const { email, name, others } = given;
      const body: InviteRequest = {
        email: email.trim(),
        ...(name.trim() === '' ? {} : { name: name.trim() }),
        roles: joinRoles(role, readRoles(others)),
      };
      return withFreshProof(() => api<UserAnswer>('/admin/users', { method: 'POST', body }));
    },
    onSuccess: ({ user }) => {
      onClose();
      void client.invalidateQueries({ queryKey: ['users'] });
      toast(`${user.email} is invited`, {
        label: 'Show',
        run: () => void navigate({ to: '/users/$id', params: { id: user.id } }),
      });
    },
  });
  const faults = faultsOf(invite.error);
  const isUnsaid =
    invite.error && !(invite.error instanceof StepUpCancelled) && Object.keys(faults).length === 0;
  return (
    <Modal title="Invite a user" onClose={onClose}>
      <form
        className="space-y-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <Field
          label="Mail address"
          type="email"
          required
          data-first=""
          autoComplete="off"
          maxLength={254}
          value={given.email}
          fault={faults['email']}
          onChange={(event) => setGiven({ ...given, email: event.target.value })}
        />
        <Field
          label="Name"
          autoComplete="off"
          maxLength={80}
          value={given.name}
          fault={faults['name']}
          onChange={(event) => setGiven({ ...given, name: event.target.value })}
        />
        <RolesFields
          consoleRole={role}
          others={given.others}
          fault={faults['roles']}
          onChange={({ console: next, others }) => {
            if (next !== undefined) setRole(next);
            if (others !== undefined) setGiven({ ...given, others });
          }}
        />
        <p className="rounded-lg border border-line bg-sunken px-3 py-2 text-mute">
          A mail brings a link by which they choose a password.
          {role !== null && ' The console asks them for a second factor at the first sign-in.'}
          {mailbox && ' Mails are kept in the mailbox here; nothing leaves this machine.'}
        </p>
        {isUnsaid && (
          <p role="alert" className="text-blocked-text">
            {refusalWords(invite.error)}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="solid" type="submit" disabled={invite.isPending}>
            Invite
          </Button>
        </div>
      </form>
    </Modal>
  );
}
