import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { harmQuery } from '../../api/security.ts';
import type { HarmAnswer } from '../../api/security.ts';
import { compact, percent, plural, whole } from '../../format/number.ts';
import { carry } from '../../shell/pages.ts';
import { filtersOf, withFilter } from '../../state/search.ts';
import type { Filter } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { HISTOGRAM } from '../limits/place.ts';
import { When } from '../../ui/when.tsx';
import { FigureLink } from './figure.tsx';
import { share, signInWords } from './words.ts';

/** What was done to people who did nothing wrong: challenges, limits, sign-ins, false alarms, shadow guards. */
export function Harm({ view, isLive }: { readonly view: View; readonly isLive: boolean }): ReactNode {
  const query = useQuery(harmQuery(view.search, isLive));
  return (
    <Panel
      title="Harm to honest people"
      flush
      note={<Note answer={query.data} view={view} />}
      actions={
        <Link
          to="/limits"
          hash={HISTOGRAM}
          className="rounded-md px-2 py-1 text-xs font-medium text-mute hover:bg-hover hover:text-ink"
        >
          Would another limit fit?
        </Link>
      }
    >
      <Loaded query={query} skeleton={<Skeleton className="h-[5.75rem] rounded-none" />}>
        {(answer) => <Figures answer={answer} view={view} />}
      </Loaded>
    </Panel>
  );
}

function Note({ answer, view }: { readonly answer: HarmAnswer | undefined; readonly view: View }): ReactNode {
  if (answer?.sinceMs !== undefined)
    return (
      <>
        of the newest records, since <When atMs={answer.sinceMs} look="full" />
      </>
    );
  return filtersOf(view.search).length > 0 ? 'sign-ins and false alarms are of the whole site' : undefined;
}

function Figures({ answer, view }: { readonly answer: HarmAnswer; readonly view: View }): ReactNode {
  const { challenges, limited, shadow, signIns, openReports } = answer;
  const behind = (...filters: readonly Filter[]) => filters.reduce(withFilter, carry(view.search));
  const solved = share(challenges.solved, challenges.callers);
  const signIn = signInWords(signIns.now, signIns.lastWeek);
  const [guard] = shadow.guards;
  return (
    <div className="grid grid-cols-2 gap-px border-t border-line bg-line lg:grid-cols-5 max-lg:[&>:last-child]:col-span-2">
      <FigureLink
        label="Challenges solved"
        value={solved === null ? '–' : percent(solved)}
        note={
          challenges.asked === 0
            ? 'no challenge was asked'
            : `${whole(challenges.solved)} of ${plural(challenges.callers, 'caller')} that were asked`
        }
        to="/decisions"
        search={behind({ field: 'verdict', value: 'challenge', exclude: false })}
      />
      <FigureLink
        label="Limits met by signed-in people"
        value={compact(limited.requests)}
        title={whole(limited.requests)}
        look={limited.requests > 0 ? 'text-limited-text' : ''}
        note={
          limited.requests === 0
            ? 'nobody was refused'
            : `${plural(limited.people, 'person', 'people')} refused`
        }
        to="/decisions"
        search={behind(
          { field: 'status', value: '429', exclude: false },
          { field: 'principal', value: '', exclude: true },
        )}
      />
      <FigureLink
        label="Sign-ins that went well"
        value={signIn.value}
        look={signIn.isWorse ? 'text-blocked-text' : ''}
        note={signIn.note}
        to="/events"
        search={{ type: 'SIGN_IN_SUCCEEDED,SIGN_IN_FAILED', from: signIns.fromMs, to: signIns.toMs }}
      />
      <FigureLink
        label="False alarms"
        value={whole(openReports)}
        look={openReports > 0 ? 'text-challenged-text' : ''}
        note={openReports === 0 ? 'no report waits' : openReports === 1 ? 'report waits' : 'reports wait'}
        to="/shield"
        search={{ tab: 'alarms' }}
      />
      <FigureLink
        label={
          <>
            <span aria-hidden="true" className="w-3 border-t border-dashed border-mute" />
            Would be refused (shadow)
          </>
        }
        value={compact(shadow.requests)}
        title={whole(shadow.requests)}
        note={
          guard === undefined
            ? 'no shadow guard spoke'
            : `${compact(guard.requests)} by ${guard.name}${shadow.guards.length > 1 ? `, and ${plural(shadow.guards.length - 1, 'other')}` : ''}`
        }
        to="/decisions"
        search={behind({ field: 'wouldRefuse', value: 'any', exclude: false })}
      />
    </div>
  );
}
