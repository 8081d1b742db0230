import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LEDGER_TABS, type LedgerFilter } from '../../api/responses.ts';
import { SearchBox } from '../../shell/search-box.tsx';
import { useView } from '../../state/view.ts';
import { Choice } from '../../ui/choice.tsx';
import { RESPONDER, RESPONDER_NAMES } from './words.ts';

/** Words and responder; both stand in the address. */
export function LedgerFilters(): ReactNode {
  const { search, change } = useView();
  return (
    <div className="flex flex-wrap items-center gap-1.5 max-sm:w-full">
      <SearchBox label="Search responses" placeholder="Target, reason, detector" settleMs={250} />
      <Choice
        label="Kind"
        all="Any kind"
        value={search.kind ?? ''}
        options={RESPONDER_NAMES.map((name) => [name, RESPONDER[name].label])}
        onChange={(value) => {
          const { kind: _, ...rest } = search;
          change(value === '' ? rest : { ...rest, kind: value });
        }}
      />
    </div>
  );
}

/** What has become of them. */
export function LedgerTabs({ filter }: { readonly filter: LedgerFilter }): ReactNode {
  const { search } = useView();
  const { status: _, ...rest } = search;
  return (
    <nav aria-label="Which responses" className="mb-3 flex flex-wrap gap-1">
      {LEDGER_TABS.map(({ name, label }) => (
        <Link
          key={name}
          to="/responses"
          search={name === 'all' ? rest : { ...rest, status: name }}
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={filter.tab === name ? 'page' : undefined}
          className="flex h-8 items-center rounded-md px-3 text-sm text-mute hover:bg-hover hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
