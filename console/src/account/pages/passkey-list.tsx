import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Passkey } from '@rampart/client';
import { toast } from '../parts/toast.tsx';
import { Act } from '../parts/act.tsx';
import { Card, Nothing, Row, Rows } from '../parts/card.tsx';
import { Confirm, Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/fields.tsx';
import { faultOf, ProblemNote, useForm } from '../parts/problem.tsx';
import { missing } from '../state/problem.ts';
import { client, keys, mfaQuery, queryClient } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';
import { Seen } from './sessions.tsx';
import type { Finish } from './totp.tsx';

/** Passkeys of the account: add, rename, remove. */
export function PasskeyCard({
  list,
  onCodes,
}: {
  readonly list: readonly Passkey[];
  readonly onCodes: Finish;
}): ReactNode {
  const { t, date } = useSpeech();
  const [open, setOpen] = useState<
    { readonly kind: 'add' } | { readonly kind: 'rename' | 'remove'; readonly passkey: Passkey } | null
  >(null);
  const close = (): void => setOpen(null);
  const canUse = keys.isSupported();
  return (
    <Card
      title={t('passkeys.title')}
      text={canUse ? t('passkeys.text') : t('passkeys.unsupported')}
      action={canUse && <Act onClick={() => setOpen({ kind: 'add' })}>{t('passkeys.add')}</Act>}
    >
      {list.length === 0 ? (
        <Nothing>{t('passkeys.none')}</Nothing>
      ) : (
        <Rows label={t('passkeys.title')}>
          {list.map((passkey) => (
            <Row
              key={passkey.id}
              icon={<KeyRound />}
              title={<bdi>{passkey.name}</bdi>}
              action={
                <>
                  <Act
                    aria-label={`${t('act.rename')}: ${passkey.name}`}
                    onClick={() => setOpen({ kind: 'rename', passkey })}
                  >
                    {t('act.rename')}
                  </Act>
                  <Act
                    aria-label={`${t('act.remove')}: ${passkey.name}`}
                    onClick={() => setOpen({ kind: 'remove', passkey })}
                  >
                    {t('act.remove')}
                  </Act>
                </>
              }
              facts={[
                t('passkeys.created', { date: date(passkey.createdAtMs) }),
                passkey.lastUsedAtMs === null ? (
                  t('factors.neverUsed')
                ) : (
                  <Seen text={t('factors.lastUsed')} atMs={passkey.lastUsedAtMs} />
                ),
                passkey.backedUp && t('passkeys.backedUp'),
              ]}
            />
          ))}
        </Rows>
      )}
      {open?.kind === 'add' && <PasskeyDialog onClose={close} onCodes={onCodes} />}
      {open?.kind === 'rename' && <PasskeyDialog passkey={open.passkey} onClose={close} onCodes={onCodes} />}
      {open?.kind === 'remove' && (
        <Confirm
          title={t('passkeys.removeSure', { name: open.passkey.name })}
          text={t('passkeys.removeText')}
          label={t('act.remove')}
          onClose={close}
          act={async () => {
            await client.passkeys.remove(open.passkey.id);
            await queryClient.invalidateQueries(mfaQuery);
            close();
          }}
        />
      )}
    </Card>
  );
}

/** Names a passkey: a new one, which the browser then makes, or one that is there. */
function PasskeyDialog({
  passkey,
  onClose,
  onCodes,
}: {
  readonly passkey?: Passkey;
  readonly onClose: () => void;
  readonly onCodes: Finish;
}): ReactNode {
  const { t } = useSpeech();
  const form = useForm(['name'], async (input) => {
    const name = input('name');
    if (name === '') return missing(['name', 'fault.name', true]);
    const codes = passkey
      ? await client.passkeys.rename(passkey.id, name).then(() => [])
      : (await keys.register(name)).backupCodes;
    await queryClient.invalidateQueries(mfaQuery);
    onClose();
    if (!passkey) toast(t('passkeys.added'));
    if (codes.length > 0) onCodes(codes);
    return undefined;
  });
  return (
    <Dialog title={passkey ? t('act.rename') : t('passkeys.add')} onClose={onClose}>
      <form noValidate onSubmit={form.onSubmit} className="flex flex-col gap-4">
        <ProblemNote form={form} labels={{ name: 'passkey-name' }} />
        <Field
          name="name"
          id="passkey-name"
          label={t('passkeys.name')}
          hint={t('passkeys.nameHint')}
          autoComplete="off"
          maxLength={80}
          dir="auto"
          autoFocus
          defaultValue={passkey?.name ?? ''}
          fault={faultOf(form, 'name')}
        />
        <Act wide look="solid" type="submit" isBusy={form.isBusy}>
          {passkey ? t('act.save') : t('act.continue')}
        </Act>
      </form>
    </Dialog>
  );
}
