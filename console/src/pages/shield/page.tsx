import type { ReactNode } from 'react';
import { useView } from '../../state/view.ts';
import { Alarms } from './alarms.tsx';
import { Exclusions } from './exclusions.tsx';
import { Feeds } from './feeds.tsx';
import { TABS } from './frame.tsx';
import { Overview } from './overview.tsx';

/** What the shield refuses, whether it is right, and what it knows. */
export function ShieldPage(): ReactNode {
  const { search } = useView();
  const tab = TABS.find(([name]) => name === search.tab)?.[0] ?? 'overview';
  switch (tab) {
    case 'overview':
      return <Overview />;
    case 'alarms':
      return <Alarms />;
    case 'exclusions':
      return <Exclusions />;
    case 'feeds':
      return <Feeds />;
  }
}
