import type { ReactNode } from 'react';
import { byResource } from './matrix.ts';

/** All that the service account has. */
const ALL = '*';
const BOX = 'size-4 shrink-0 accent-solid';

/** Which permissions a key is for; least first: nothing is chosen. */
export function ScopeFields({
  permissions,
  scopes,
  fault,
  onChange,
}: {
  readonly permissions: readonly string[];
  readonly scopes: readonly string[];
  readonly fault: string | undefined;
  readonly onChange: (scopes: readonly string[]) => void;
}): ReactNode {
  const isAll = scopes.includes(ALL);
  const toggle = (scope: string): void =>
    onChange(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return (
    <fieldset className="text-sm">
      <legend className="mb-1 font-medium">Scopes</legend>
      <div className="max-h-56 overflow-y-auto rounded-lg border border-edge">
        <label className="flex items-center gap-2 border-b border-line px-3 py-2">
          <input
            type="checkbox"
            className={BOX}
            checked={isAll}
            onChange={() => onChange(isAll ? [] : [ALL])}
          />
          All that the account has
        </label>
        {byResource(permissions).map((group) => (
          <div
            key={group.resource}
            role="group"
            aria-label={group.resource}
            className="border-b border-line px-3 py-2 last:border-0"
          >
            <p className="text-xs font-semibold">{group.resource}</p>
            <div className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
              {group.permissions.map(({ permission, action }) => (
                <label key={permission} className="flex min-h-6 items-center gap-2">
                  <input
                    type="checkbox"
                    className={BOX}
                    disabled={isAll}
                    checked={isAll || scopes.includes(permission)}
                    onChange={() => toggle(permission)}
                  />
                  {action}
                </label>
              ))}
            </div>
          </div>
        ))}
      </div>
      <p
        role={fault === undefined ? undefined : 'alert'}
        className={`mt-1 text-xs ${fault === undefined ? 'text-faint' : 'text-blocked-text'}`}
      >
        {fault ?? 'At least one. What the account may not do, its keys may not do either.'}
      </p>
    </fieldset>
  );
}
