import type { ReactNode } from 'react';
import type { ConsoleRole } from '../../../../src/server/api/user-types.ts';
import { Field } from '../../ui/field.tsx';
import { ROLE_LABEL, ROLE_MEANING, ROLES } from './roles.ts';

const CHOICES: readonly (readonly [ConsoleRole | null, string, string])[] = [
  [null, 'None', 'The console stays closed; the application is open.'],
  ...ROLES.map((role) => [role, ROLE_LABEL[role], ROLE_MEANING[role]] as const),
];

/** What an account is in the console, one of four; and the application's own roles as text. */
export function RolesFields({
  consoleRole,
  others,
  fault,
  onChange,
}: {
  readonly consoleRole: ConsoleRole | null;
  readonly others: string;
  readonly fault: string | undefined;
  readonly onChange: (change: { readonly console?: ConsoleRole | null; readonly others?: string }) => void;
}): ReactNode {
  return (
    <>
      <fieldset className="text-sm">
        <legend className="mb-1 font-medium">In the console</legend>
        <div className="overflow-hidden rounded-lg border border-edge">
          {CHOICES.map(([role, label, meaning]) => (
            <label
              key={label}
              className="flex items-start gap-2.5 border-b border-line px-3 py-2 last:border-0 has-checked:bg-sunken has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus"
            >
              <input
                type="radio"
                name="console-role"
                className="mt-0.5 size-4 shrink-0 accent-solid outline-none"
                checked={consoleRole === role}
                onChange={() => onChange({ console: role })}
              />
              <span>
                <span className="font-medium">{label}</span>
                <span className="block text-xs text-mute">{meaning}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <Field
        label="Roles of the application"
        hint="Names with commas between them, as your routes ask for them."
        placeholder="customer, support"
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        maxLength={400}
        value={others}
        fault={fault}
        onChange={(event) => onChange({ others: event.target.value })}
      />
    </>
  );
}
