import { useQuery } from '@tanstack/react-query';
import { FileWarning } from 'lucide-react';
import type { ReactNode } from 'react';
import type { CspAnswer } from '../../../../src/server/api/types.ts';
import { cspQuery } from '../../api/queries.ts';
import { plural, whole } from '../../format/number.ts';
import { Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { When } from '../../ui/when.tsx';

type Group = CspAnswer['groups'][number];

/** What browsers refused to load under your Content-Security-Policy, by directive. */
export function CspReports(): ReactNode {
  const query = useQuery(cspQuery);
  return (
    <Panel title="Content-Security-Policy reports" note="grouped by directive" flush>
      <div className="min-h-96 border-t border-line">
        <Loaded query={query} skeleton={<SkeletonRows rows={6} />}>
          {({ groups }) =>
            groups.length === 0 ? (
              <Empty icon={<FileWarning className="size-4" />} title="No browser has reported anything">
                When a page tries to load what your policy forbids, the report appears here.
              </Empty>
            ) : (
              byDirective(groups).map(([directive, list]) => (
                <Directive key={directive} name={directive} groups={list} />
              ))
            )
          }
        </Loaded>
      </div>
    </Panel>
  );
}

function byDirective(groups: readonly Group[]): readonly (readonly [string, readonly Group[]])[] {
  return [...Map.groupBy(groups, ({ directive }) => directive)];
}

function Directive({
  name,
  groups,
}: {
  readonly name: string;
  readonly groups: readonly Group[];
}): ReactNode {
  const count = groups.reduce((sum, one) => sum + one.count, 0);
  return (
    <section aria-label={name} className="border-b border-line px-4 py-3 last:border-0">
      <h3 className="flex items-baseline gap-2 text-sm font-medium">
        <span className="font-mono text-xs">{name}</span>
        <span className="text-xs font-normal text-faint">{plural(count, 'report')}</span>
      </h3>
      <ul className="mt-1">
        {groups.map(({ blocked, count, lastAtMs }) => (
          <li key={blocked} className="flex items-center gap-3 py-1 text-sm">
            <span className="min-w-0 truncate">{blocked}</span>
            <span className="ml-auto numeric">{whole(count)}</span>
            <span className="w-24 text-right text-xs text-faint">
              <When atMs={lastAtMs} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
