import { useQuery } from '@tanstack/react-query';
import { Check, Eye, EyeOff } from 'lucide-react';
import { useId, useState } from 'react';
import type { InputHTMLAttributes, ReactNode } from 'react';
import { INPUT, INPUT_TEXT } from '../../ui/parts.tsx';
import { rulesQuery } from '../state/queries.ts';
import type { WordKey } from '../words/en.ts';
import { useSpeech } from '../words/speech.ts';
import type { Values } from '../words/speech.ts';

const FIELD = `${INPUT} ${INPUT_TEXT} min-h-10 border-control aria-invalid:border-blocked`;

type Native = Pick<
  InputHTMLAttributes<HTMLInputElement>,
  'autoComplete' | 'defaultValue' | 'inputMode' | 'maxLength' | 'autoFocus' | 'spellCheck' | 'dir' | 'onInput'
>;
interface FieldProps extends Native {
  readonly name: string;
  /** Its name unless told otherwise; summaries lead to it. */
  readonly id?: string;
  readonly label: string;
  readonly hint?: ReactNode;
  readonly fault?: WordKey | undefined;
  readonly values?: Values;
  readonly type?: 'text' | 'email' | 'tel' | 'password';
  readonly isRequired?: boolean;
  readonly end?: ReactNode;
  readonly className?: string;
}

/** An input with its label, hint and fault, each tied to it. */
export function Field({
  name,
  id = name,
  label,
  hint,
  fault,
  values = {},
  type = 'text',
  isRequired = true,
  end,
  className = '',
  ...native
}: FieldProps): ReactNode {
  const { t } = useSpeech();
  const own = useId();
  const about = [fault && `${own}fault`, hint !== undefined && `${own}hint`].filter(Boolean).join(' ');
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          name={name}
          type={type}
          required={isRequired}
          aria-invalid={fault !== undefined}
          {...(about === '' ? {} : { 'aria-describedby': about })}
          className={`${FIELD} ${end === undefined ? '' : 'pe-11'} ${className}`}
          {...native}
        />
        {end}
      </div>
      {fault !== undefined && (
        <p id={`${own}fault`} className="text-sm text-blocked-text">
          {t(fault, values)}
        </p>
      )}
      {hint !== undefined && (
        <div id={`${own}hint`} className="text-xs text-mute">
          {hint}
        </div>
      )}
    </div>
  );
}

/** Where to write a mail address. */
export function EmailField({
  name = 'email',
  label,
  autoComplete = 'email',
  ...rest
}: Partial<FieldProps>): ReactNode {
  const { t } = useSpeech();
  return (
    <Field
      {...rest}
      name={name}
      label={label ?? t('field.email')}
      type="email"
      dir="ltr"
      maxLength={254}
      spellCheck={false}
      autoComplete={autoComplete}
      className="rtl:text-right"
    />
  );
}

/** A password that can be looked at. Paste and password managers work as in any other field. */
export function PasswordField(props: FieldProps): ReactNode {
  const { t } = useSpeech();
  const [isShown, setShown] = useState(false);
  const Icon = isShown ? EyeOff : Eye;
  return (
    <Field
      {...props}
      type={isShown ? 'text' : 'password'}
      dir="ltr"
      spellCheck={false}
      className="rtl:pe-2.5 rtl:pl-11 rtl:text-right"
      end={
        <button
          type="button"
          aria-label={isShown ? t('field.hide') : t('field.show')}
          aria-controls={props.id ?? props.name}
          onClick={() => setShown(!isShown)}
          className="absolute inset-y-0 end-0 grid w-11 place-items-center rounded-md text-mute hover:text-ink"
        >
          <Icon aria-hidden="true" className="size-4" />
        </button>
      }
    />
  );
}

/** What must be in a new password, told while it is typed and never by colour alone. */
export function NewPasswordField({
  name = 'newPassword',
  hasSecondFactor = false,
  ...rest
}: Partial<FieldProps> & { readonly hasSecondFactor?: boolean }): ReactNode {
  const { t } = useSpeech();
  const rules = useQuery(rulesQuery).data;
  const [length, setLength] = useState(0);
  const min = rules && (hasSecondFactor ? rules.minLengthWithSecondFactor : rules.minLength);
  return (
    <PasswordField
      {...rest}
      name={name}
      label={rest.label ?? t('field.newPassword')}
      autoComplete="new-password"
      onInput={(event) => setLength(Array.from(event.currentTarget.value.normalize('NFC')).length)}
      hint={
        min !== undefined && (
          <>
            <span>{t('rules.hint', { min })}</span>
            {length > 0 && (
              <span
                className={`numeric mt-1 flex items-center gap-1 ${length >= min ? 'text-good-text' : 'text-mute'}`}
              >
                {length >= min && <Check aria-hidden="true" className="size-3.5" />}
                {length >= min ? t('rules.enough') : t('rules.count', { count: length, min })}
              </span>
            )}
          </>
        )
      }
    />
  );
}

/** The numbers that faults of passwords speak of. */
export function useRuleValues(hasSecondFactor = false): Values {
  const rules = useQuery(rulesQuery).data;
  return {
    min: (hasSecondFactor ? rules?.minLengthWithSecondFactor : rules?.minLength) ?? '',
    max: rules?.maxLength ?? '',
  };
}

/** One field for a code, whole: phones fill it from the message. Backup codes have letters. */
export function CodeField({
  fault,
  isBackup = false,
  autoFocus = false,
  id = 'code',
}: {
  readonly id?: string;
  readonly fault?: WordKey | undefined;
  readonly isBackup?: boolean;
  readonly autoFocus?: boolean;
}): ReactNode {
  const { t } = useSpeech();
  return (
    <Field
      name="code"
      id={id}
      label={isBackup ? t('factor.backup') : t('field.code')}
      autoComplete="one-time-code"
      inputMode={isBackup ? 'text' : 'numeric'}
      maxLength={64}
      dir="ltr"
      spellCheck={false}
      autoFocus={autoFocus}
      fault={fault}
      className="font-mono tracking-widest"
    />
  );
}
