import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { AuthUser } from '@rampart/client';
import { toast } from '../parts/toast.tsx';
import { Act } from '../parts/act.tsx';
import { Card, Good } from '../parts/card.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { EmailField, Field } from '../parts/fields.tsx';
import { useGo } from '../parts/link.tsx';
import { Data, Heading } from '../parts/page.tsx';
import { faultOf, ProblemNote, useForm } from '../parts/problem.tsx';
import { missing } from '../state/problem.ts';
import { client, queryClient, sessionQuery } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';
import { looksLikeEmail } from './sign-in.tsx';

/** Name, address, and the end of the account. */
export function ProfilePage(): ReactNode {
  const { t } = useSpeech();
  const user = useQuery(sessionQuery).data?.user;
  return (
    <>
      <Heading>{t('profile.title')}</Heading>
      {user && (
        <div className="mt-6 flex flex-col gap-5">
          <About key={user.name} user={user} />
          <Address user={user} />
          <Deletion user={user} />
        </div>
      )}
    </>
  );
}

interface OfUser {
  readonly user: AuthUser;
}

function About({ user }: OfUser): ReactNode {
  const { t, language } = useSpeech();
  const [isSaved, setSaved] = useState(false);
  const form = useForm(['name'], async (input) => {
    setSaved(false);
    await client.updateProfile({ name: input('name'), locale: language });
    setSaved(true);
    await queryClient.invalidateQueries(sessionQuery);
    return undefined;
  });
  return (
    <Card title={t('profile.about')}>
      <form noValidate onSubmit={form.onSubmit} className="flex max-w-md flex-col gap-4">
        <ProblemNote form={form} />
        <Field
          name="name"
          label={t('field.name')}
          hint={t('field.nameHint')}
          autoComplete="name"
          maxLength={80}
          isRequired={false}
          dir="auto"
          defaultValue={user.name}
          fault={faultOf(form, 'name')}
        />
        <div className="flex items-center gap-3">
          <Act look="solid" type="submit" isBusy={form.isBusy}>
            {t('act.save')}
          </Act>
          <span role="status" className="text-sm text-good-text">
            {isSaved ? t('act.saved') : ''}
          </span>
        </div>
      </form>
    </Card>
  );
}

function Address({ user }: OfUser): ReactNode {
  const { t } = useSpeech();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm(['email'], async (input, element) => {
    const email = input('email');
    if (!looksLikeEmail(email)) return missing(['email', 'fault.email', true]);
    await client.email.change({ email });
    setSentTo(email);
    element.reset();
    return undefined;
  });
  return (
    <Card title={t('profile.email')} text={t('profile.emailText')}>
      {sentTo !== null && <Good>{t('profile.emailSent', { email: `\u2068${sentTo}\u2069` })}</Good>}
      <p className="mb-4">
        <Data>{user.email}</Data>
      </p>
      <form noValidate onSubmit={form.onSubmit} className="flex max-w-md flex-col gap-4">
        <ProblemNote form={form} />
        <EmailField label={t('profile.newEmail')} fault={faultOf(form, 'email')} />
        <div>
          <Act type="submit" isBusy={form.isBusy}>
            {t('profile.changeEmail')}
          </Act>
        </div>
      </form>
    </Card>
  );
}

function Deletion({ user }: OfUser): ReactNode {
  const { t } = useSpeech();
  const [isAsking, setAsking] = useState(false);
  return (
    <Card
      title={t('profile.deleteTitle')}
      text={t('profile.deleteText')}
      action={
        <Act look="danger" onClick={() => setAsking(true)}>
          {t('profile.delete')}
        </Act>
      }
    >
      {isAsking && <DeleteDialog user={user} onClose={() => setAsking(false)} />}
    </Card>
  );
}

function DeleteDialog({ user, onClose }: OfUser & { readonly onClose: () => void }): ReactNode {
  const { t } = useSpeech();
  const go = useGo();
  const form = useForm(['confirmation'], async (input) => {
    if (input('confirmation').toLowerCase() !== user.email.toLowerCase()) {
      return missing(['confirmation', 'profile.deleteMismatch', true]);
    }
    await client.deleteAccount();
    queryClient.clear();
    toast(t('profile.deleted'));
    go('/account/sign-in');
    return undefined;
  });
  return (
    <Dialog title={t('profile.deleteSure')} onClose={onClose}>
      <form noValidate onSubmit={form.onSubmit} className="flex flex-col gap-4">
        <ProblemNote form={form} />
        <p className="text-mute">{t('profile.deleteText')}</p>
        <EmailField
          name="confirmation"
          label={t('profile.deleteConfirm')}
          autoComplete="off"
          fault={faultOf(form, 'confirmation')}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Act onClick={onClose}>{t('act.cancel')}</Act>
          <Act type="submit" look="danger" isBusy={form.isBusy}>
            {t('profile.delete')}
          </Act>
        </div>
      </form>
    </Dialog>
  );
}
