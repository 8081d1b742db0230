import { useQuery } from '@tanstack/react-query';
import { ListFilter } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { eventTypesQuery } from '../../api/events.ts';
import type { EventTypesAnswer } from '../../../../src/server/api/types.ts';
import { whole } from '../../format/number.ts';
import { settingEvent, valuesOf } from '../../state/event-search.ts';
import type { View } from '../../state/view.ts';
import { INPUT, INPUT_TEXT, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { groupTypes } from './families.ts';

type Kind = EventTypesAnswer['types'][number];

/** What can happen, by what it is about, to choose from. */
export function TypePicker({ view }: { readonly view: View }): ReactNode {
  const query = useQuery(eventTypesQuery);
  const [typed, setTyped] = useState('');
  // Those that were chosen when it opened stand first; later ones stay where they were clicked.
  const [first] = useState(() => valuesOf(view.search, 'type'));
  return (
    <section aria-label="Types" className="min-w-0">
      <h3 className="mb-1 flex items-center gap-1.5 text-sm font-medium">
        <ListFilter aria-hidden="true" className="size-3.5 text-mute" />
        Type
      </h3>
      <input
        type="search"
        aria-label="Search types"
        placeholder="Search types"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        className={`${INPUT} ${INPUT_TEXT}`}
      />
      <div
        tabIndex={0}
        role="group"
        aria-label="Types of events"
        className="quiet-scroll mt-2 h-72 overflow-y-auto rounded-md border border-line"
      >
        <Loaded query={query} skeleton={<SkeletonRows rows={6} />}>
          {({ types }) => <Groups types={types} typed={typed} view={view} first={first} />}
        </Loaded>
      </div>
    </section>
  );
}

function Groups({
  types,
  typed,
  view,
  first,
}: {
  readonly types: readonly Kind[];
  readonly typed: string;
  readonly view: View;
  readonly first: readonly string[];
}): ReactNode {
  const chosen = valuesOf(view.search, 'type');
  const isFirst = ({ type }: Kind): boolean => typed === '' && first.includes(type);
  const groups = [
    ...(types.some(isFirst) ? [['Chosen', types.filter(isFirst)] as const] : []),
    ...groupTypes(
      types.filter((one) => !isFirst(one)),
      typed,
    ),
  ];
  if (groups.length === 0)
    return <p className="px-3 py-6 text-center text-sm text-mute">No type has that name.</p>;
  const toggle = (type: string): void => {
    const next = chosen.includes(type) ? chosen.filter((one) => one !== type) : [...chosen, type];
    view.change(settingEvent(view.search, 'type', next));
  };
  return groups.map(([family, list]) => (
    <fieldset key={family} className="border-b border-line px-1 pb-1 last:border-0">
      <legend className="sticky top-0 w-full bg-raised px-2 pt-2 pb-1 text-xs text-faint">{family}</legend>
      {list.map(({ type, about, lastDay }) => (
        <label
          key={type}
          title={about}
          className="flex min-h-7 items-center gap-2 rounded-md px-2 text-xs hover:bg-hover"
        >
          <input type="checkbox" checked={chosen.includes(type)} onChange={() => toggle(type)} />
          <span className="min-w-0 truncate font-mono">{type}</span>
          {lastDay > 0 && (
            <span className="ml-auto text-faint numeric" title="in the last 24 hours">
              {whole(lastDay)}
            </span>
          )}
        </label>
      ))}
    </fieldset>
  ));
}
