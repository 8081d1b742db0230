import type { ReactNode } from 'react';
import { useView } from '../../state/view.ts';
import { SearchBox } from '../../shell/search-box.tsx';
import { Choice } from '../../ui/choice.tsx';
import { ROLE_LABEL, ROLES } from './roles.ts';
import { STATUS_LABEL, STATUSES } from './words.ts';

/** Search, status and role; all three stand in the address. */
export function UserFilters(): ReactNode {
  const { search, change } = useView();
  const set = (name: 'status' | 'role', value: string): void => {
    const { [name]: _, ...rest } = search;
    change(value === '' ? rest : { ...rest, [name]: value });
  };
  return (
    <div className="flex flex-wrap items-center justify-end gap-1.5 max-sm:w-full">
      <SearchBox label="Search name or mail address" placeholder="Name or mail address" settleMs={250} />
      <Choice
        label="Status"
        all="Any status"
        value={search.status ?? ''}
        options={STATUSES.map((one) => [one, STATUS_LABEL[one]])}
        onChange={(value) => set('status', value)}
      />
      <Choice
        label="Role"
        all="Any role"
        value={search.role ?? ''}
        options={ROLES.map((one) => [one, ROLE_LABEL[one]])}
        onChange={(value) => set('role', value)}
      />
    </div>
  );
}
