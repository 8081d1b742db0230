import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { isAbsent, shieldQuery } from '../../api/shield.ts';
import type { View } from '../../state/view.ts';
import { CLASS_NAME } from '../shield/classes.ts';
import { behind } from '../shield/table-parts.tsx';
import { TopPanel, TopRow } from './top-panel.tsx';

/** Rules of inspection that found most: what was found, and how much of it was refused. */
export function TopRules({ view, isLive }: { readonly view: View; readonly isLive: boolean }): ReactNode {
  const { data, error } = useQuery(shieldQuery(view.search, isLive));
  const rules = (data?.rules ?? [])
    .map((one) => ({ ...one, requests: one.refused + one.below }))
    .toSorted((a, b) => b.requests - a.requests);
  const most = Math.max(1, ...rules.map(({ requests }) => requests));
  return (
    <TopPanel
      title="Rules"
      // Alone in the last row.
      className="xl:col-span-full"
      empty={
        isAbsent(error) || data?.threshold === null
          ? 'Inspection is switched off'
          : 'No rule has found anything'
      }
    >
      {rules.map(({ rule, class: kind, route, requests, refused }) => (
        <TopRow
          key={rule}
          name={rule}
          title={`${rule}: ${CLASS_NAME[kind]}${route === null ? '' : `, most often at ${route}`}`}
          search={behind(view, route)}
          requests={requests}
          refused={refused}
          most={most}
        />
      ))}
    </TopPanel>
  );
}
