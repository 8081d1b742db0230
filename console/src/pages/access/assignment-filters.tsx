import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RolesAnswer } from '../../../../src/server/api/access-types.ts';
import { useView } from '../../state/view.ts';
import { ExportLink } from '../../ui/export-link.tsx';
import { Button } from '../../ui/parts.tsx';
import { Subject } from './parts.tsx';

const SELECT =
  'h-8 min-w-0 rounded-md border border-edge bg-panel px-2 text-sm font-medium hover:bg-hover max-sm:flex-1';

/** Role, whether ended ones are shown, and the one principal that a link may have brought; all stand in the address. */
export function AssignmentFilters({
  policy,
  narrow,
}: {
  readonly policy: RolesAnswer;
  /** What the list is narrowed by, as the server names it. */
  readonly narrow: Readonly<Record<string, string>>;
}): ReactNode {
  const { search, change } = useView();
  const set = (name: 'role' | 'status', value: string): void => {
    const { [name]: _, ...rest } = search;
    change(value === '' ? rest : { ...rest, [name]: value });
  };
  const { subject, ...others } = search;
  return (
    <div className="flex flex-wrap items-center justify-end gap-1.5 max-sm:w-full">
      {subject !== undefined && (
        <span className="inline-flex h-8 items-center gap-1 rounded-md bg-sunken pl-2.5 text-sm">
          <Subject subject={subject} linked={false} />
          <Button icon small look="quiet" aria-label="Show everybody" onClick={() => change(others)}>
            <X className="size-3.5" />
          </Button>
        </span>
      )}
      <select
        aria-label="Role"
        value={search.role ?? ''}
        onChange={(event) => set('role', event.target.value)}
        className={SELECT}
      >
        <option value="">Any role</option>
        {policy.roles.map(({ role }) => (
          <option key={role}>{role}</option>
        ))}
      </select>
      <select
        aria-label="State"
        value={search.status === 'all' ? 'all' : ''}
        onChange={(event) => set('status', event.target.value)}
        className={SELECT}
      >
        <option value="">Standing</option>
        <option value="all">Ended too</option>
      </select>
      <ExportLink path="/admin/access/assignments.csv" narrow={narrow} about="assignments" />
    </div>
  );
}
