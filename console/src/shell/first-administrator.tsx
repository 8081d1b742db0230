import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, UserPlus } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { api } from '../api/client.ts';
import { faultsOf, refusalWords } from '../api/faults.ts';
import { isWithoutAccounts, passwordRulesQuery } from '../api/identity.ts';
import { noteAdministrator, sessionQuery } from '../api/queries.ts';
import { Field } from '../ui/field.tsx';
import { Modal } from '../ui/overlay.tsx';
import { Button } from '../ui/parts.tsx';

/** Shown after the first set-up link: the link was for once, an account stays. */
export function FirstAdministrator(): ReactNode {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const rules = useQuery(passwordRulesQuery);
  const close = (): void => {
    setOpen(false);
    // Only now: as soon as the server says that there is an administrator, this panel is gone.
    if (made !== null) void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  if (isWithoutAccounts(rules.error)) return null;
  return (
    <section
      aria-label="First account"
      className="mb-5 flex flex-wrap items-center gap-x-4 gap-y-3 rounded-xl border border-line bg-panel px-4 py-3.5"
    >
      <div className="grid size-9 shrink-0 place-items-center rounded-lg border border-line bg-canvas text-mute max-sm:hidden">
        <UserPlus aria-hidden="true" className="size-4" />
      </div>
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="text-sm font-medium">Create your administrator account</h2>
        <p className="text-sm text-mute">
          You came by a link that works once. With an account you come back by mail address, password and a
          second factor, and the audit trail knows you by name.
        </p>
      </div>
      <Button look="solid" onClick={() => setOpen(true)}>
        Create account
      </Button>
      {isOpen && (
        <Modal
          title={made === null ? 'Create your administrator account' : 'Your account is there'}
          onClose={close}
        >
          {made === null ? <Form onMade={setMade} /> : <Made email={made} />}
        </Modal>
      )}
    </section>
  );
}

function Form({ onMade }: { readonly onMade: (email: string) => void }): ReactNode {
  const rules = useQuery(passwordRulesQuery);
  const [given, setGiven] = useState({ email: '', name: '', password: '' });
  const [isShown, setShown] = useState(false);
  const change = (part: Partial<typeof given>): void => setGiven({ ...given, ...part });
  const make = useMutation({
    mutationFn: () => api('/admin/users/first', { method: 'POST', body: given }),
    onSuccess: () => {
      noteAdministrator({ hasAdministrator: true });
      onMade(given.email);
    },
  });
  const faults = faultsOf(make.error);
  // Administrators sign in with a second factor, so the shorter length holds.
  const minLength = rules.data?.minLengthWithSecondFactor;
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Field
        label="Mail address"
        type="email"
        required
        data-first=""
        autoComplete="username"
        maxLength={254}
        value={given.email}
        fault={faults['email']}
        onChange={(event) => change({ email: event.target.value })}
      />
      <Field
        label="Name"
        required
        autoComplete="name"
        maxLength={80}
        value={given.name}
        fault={faults['name']}
        onChange={(event) => change({ name: event.target.value })}
      />
      <div>
        <Field
          label="Password"
          type={isShown ? 'text' : 'password'}
          required
          autoComplete="new-password"
          maxLength={rules.data?.maxLength ?? 256}
          value={given.password}
          fault={faults['password']}
          hint={
            <>
              {minLength === undefined ? 'A long one' : `At least ${minLength} characters`}; a few words that
              belong together for nobody but you do well. No need for digits or signs.
            </>
          }
          onChange={(event) => change({ password: event.target.value })}
        />
        <label className="mt-2 flex items-center gap-2 text-sm text-mute">
          <input
            type="checkbox"
            className="size-4 accent-solid"
            checked={isShown}
            onChange={(event) => setShown(event.target.checked)}
          />
          Show the password
        </label>
      </div>
      {make.error && Object.keys(faults).length === 0 && (
        <p role="alert" className="text-sm text-blocked-text">
          {refusalWords(make.error)}
        </p>
      )}
      <div className="flex justify-end">
        <Button look="solid" type="submit" disabled={make.isPending}>
          {make.isPending ? 'Creating…' : 'Create account'}
        </Button>
      </div>
    </form>
  );
}

function Made({ email }: { readonly email: string }): ReactNode {
  return (
    <div className="text-sm">
      <p className="flex items-start gap-2">
        <Check aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-good-text" />
        <span>
          <strong className="font-medium break-all">{email}</strong> is an administrator.
        </span>
      </p>
      <p className="mt-3 text-mute">
        Now sign in with it and enrol a second factor: the console opens for accounts with two. Until then
        this session stays as it is.
      </p>
      <div className="mt-5 flex justify-end">
        <a
          href="/account/sign-in?next=/console"
          className="inline-flex h-8 items-center rounded-md bg-solid px-3 font-medium text-on-solid hover:opacity-90"
        >
          Sign in
        </a>
      </div>
    </div>
  );
}
