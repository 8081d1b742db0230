import { useQuery } from '@tanstack/react-query';
import { BellRing, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { type AlertFilter, type AlertsAnswer, detectorsQuery } from '../../api/alerts.ts';
import { plural } from '../../format/number.ts';
import { Empty } from '../../ui/parts.tsx';

/** Nothing to show, and what that means: all quiet, or nothing that fits. */
export function Quiet({
  filter,
  channels,
}: {
  readonly filter: AlertFilter;
  readonly channels: AlertsAnswer['channels'];
}): ReactNode {
  const { data } = useQuery(detectorsQuery);
  const { tab, ...narrowing } = filter;
  if (Object.values(narrowing).some((value) => value !== ''))
    return (
      <Empty icon={<BellRing className="size-4" />} title="No alert fits">
        None of this state has all that you ask for.
      </Empty>
    );
  if (tab !== 'open' && tab !== 'active')
    return (
      <Empty icon={<BellRing className="size-4" />} title="None here">
        {tab === 'investigating'
          ? 'Alerts that somebody is at stand here.'
          : 'Settled alerts are kept here for half a year, unless you configure it otherwise.'}
      </Empty>
    );
  const watching = data?.detectors.filter(({ enabled }) => enabled).length;
  const told = channels.map(({ name }) => name).join(', ');
  return (
    <Empty icon={<CircleCheck className="size-4" />} title="All quiet">
      {watching === undefined
        ? 'What'
        : `${plural(watching, 'detector')} look at every event. What they see, and what`}{' '}
      fails by itself (backups, feeds, stores, scanners, mail), stands here.
      {told !== '' && ` Who is told: ${told}.`}
    </Empty>
  );
}
