import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Severity } from '../../../../src/server/api/types.ts';
import { type AlertEntry, type AlertsAnswer, type AlertTab, TABS } from '../../api/alerts.ts';
import { useSession } from '../../api/identity.ts';
import { whole } from '../../format/number.ts';
import { SearchBox } from '../../shell/search-box.tsx';
import type { ViewSearch } from '../../state/search.ts';
import { useView } from '../../state/view.ts';
import { Choice } from '../../ui/choice.tsx';

const SEVERITIES: readonly (readonly [Severity, string])[] = [
  ['CRITICAL', 'Critical'],
  ['HIGH', 'High'],
  ['MEDIUM', 'Medium'],
  ['LOW', 'Low'],
];

/** Words, severity, rule and who has it; all stand in the address. */
export function AlertFilters({ alerts }: { readonly alerts: readonly AlertEntry[] }): ReactNode {
  const { search, change } = useView();
  const { actor } = useSession();
  const set = (name: 'severity' | 'rule' | 'assignee', value: string): void => {
    const { [name]: _, open: _open, ...rest } = search;
    change(value === '' ? rest : { ...rest, [name]: value });
  };
  const rules = [...new Set(alerts.map(({ rule }) => rule))].toSorted();
  return (
    <div className="flex flex-wrap items-center gap-1.5 max-sm:w-full">
      <SearchBox label="Search alerts" placeholder="Title, words, address" settleMs={250} />
      <Choice
        label="Severity"
        all="Any severity"
        value={search.severity ?? ''}
        options={SEVERITIES}
        onChange={(value) => set('severity', value)}
      />
      <Choice
        label="Rule"
        all="Any rule"
        value={search.rule ?? ''}
        options={rules.map((one) => [one, one])}
        onChange={(value) => set('rule', value)}
      />
      <Choice
        label="Assignee"
        all="Anybody’s"
        value={search.assignee ?? ''}
        options={[
          [actor, 'Mine'],
          ['nobody', 'Nobody’s'],
        ]}
        onChange={(value) => set('assignee', value)}
      />
    </div>
  );
}

/** The states, with how many there are of each. */
export function StateTabs({
  tab,
  counts,
}: {
  readonly tab: AlertTab;
  readonly counts: AlertsAnswer['counts'] | undefined;
}): ReactNode {
  const { search } = useView();
  return (
    <nav aria-label="Which alerts" className="mb-3 flex flex-wrap gap-1">
      {TABS.map(({ name, label, states }) => (
        <Link
          key={name}
          to="/alerts"
          search={withTab(search, name)}
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={tab.name === name ? 'page' : undefined}
          className="flex h-8 items-center gap-1.5 rounded-md px-3 text-sm text-mute hover:bg-hover hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink"
        >
          {label}
          <span className="text-xs text-faint numeric">
            {counts === undefined ? '' : whole(states.reduce((sum, state) => sum + counts[state], 0))}
          </span>
        </Link>
      ))}
    </nav>
  );
}

function withTab(search: ViewSearch, name: string): ViewSearch {
  const { status: _status, open: _open, ...rest } = search;
  return name === 'open' ? rest : { ...rest, status: name };
}

/** Tab and filters of the list go along to an alert and back. */
export function carryAlerts({ status, severity, rule, assignee, q }: ViewSearch): ViewSearch {
  return JSON.parse(JSON.stringify({ status, severity, rule, assignee, q })) as ViewSearch;
}
