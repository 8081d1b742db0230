import { useQuery } from '@tanstack/react-query';
import { FilterX } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useReasonAgainst } from '../../api/identity.ts';
import { exclusionsQuery, isAbsent } from '../../api/shield.ts';
import type { ExclusionsAnswer, ShieldExclusion } from '../../api/shield.ts';
import { whole } from '../../format/number.ts';
import { Button, Code, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { BLANK, DraftDialog } from './draft-dialog.tsx';
import { ExclusionRow } from './exclusion-row.tsx';
import { ShieldFrame } from './frame.tsx';
import { Off } from './off.tsx';
import { scopeWords } from './words.ts';

const STATES: readonly (readonly [ShieldExclusion['state'], string, string])[] = [
  ['draft', 'Drafts', 'act on nothing'],
  ['live', 'Live', 'on every node'],
  ['withdrawn', 'Withdrawn', 'kept for the record'],
];

/** What inspection leaves out: drafts, what acts, what acted once, and what the configuration says. */
export function Exclusions(): ReactNode {
  const query = useQuery(exclusionsQuery);
  const against = useReasonAgainst('analyst');
  const [isDrafting, setDrafting] = useState(false);
  return (
    <ShieldFrame
      tab="exclusions"
      tools={
        against === null && query.data !== undefined ? (
          <Button look="solid" onClick={() => setDrafting(true)}>
            New draft…
          </Button>
        ) : undefined
      }
    >
      {against !== null && <p className="mb-3 text-xs text-faint">{against}</p>}
      {query.data === undefined && isAbsent(query.error) ? (
        <Off />
      ) : (
        <Loaded query={query} skeleton={<Waiting />}>
          {(answer) => <Content answer={answer} against={against} />}
        </Loaded>
      )}
      {isDrafting && <DraftDialog ask={BLANK} onClose={() => setDrafting(false)} />}
    </ShieldFrame>
  );
}

function Content({
  answer: { exclusions, configured },
  against,
}: {
  readonly answer: ExclusionsAnswer;
  readonly against: string | null;
}): ReactNode {
  return (
    <div className="space-y-4">
      {exclusions.length === 0 && (
        <Panel title="Exclusions" flush>
          <div className="border-t border-line">
            <Empty icon={<FilterX className="size-4" />} title="Inspection leaves out nothing">
              Draft an exclusion from a false alarm, or by hand. It is tried on recorded decisions before it
              goes live.
            </Empty>
          </div>
        </Panel>
      )}
      {STATES.map(([state, title, note]) => {
        const found = exclusions.filter((one) => one.state === state);
        return found.length === 0 ? null : (
          <Panel key={state} title={title} note={`${whole(found.length)}, ${note}`} flush>
            <ul className="border-t border-line">
              {found.map((exclusion) => (
                <ExclusionRow key={exclusion.id} exclusion={exclusion} against={against} />
              ))}
            </ul>
          </Panel>
        );
      })}
      <Configured of={configured} />
    </div>
  );
}

function Configured({ of }: { readonly of: ExclusionsAnswer['configured'] }): ReactNode {
  return (
    <Panel title="In the configuration" note="changed in the file alone" flush>
      {of.length === 0 ? (
        <p className="border-t border-line px-4 py-4 text-sm text-mute">
          Nothing: <Code>shield.inspection.exclude</Code> is empty, for all routes and for single ones.
        </p>
      ) : (
        <ul className="border-t border-line">
          {of.map(({ route, field, rules }) => (
            <li
              key={`${route ?? ''} ${field ?? ''} ${rules?.join(' ') ?? ''}`}
              className="border-b border-line px-4 py-2.5 text-sm last:border-0"
            >
              <span className="font-mono text-xs wrap-anywhere">{rules?.join(', ') ?? 'every rule'}</span>{' '}
              <span className="text-mute">{scopeWords({ route, field })}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Waiting(): ReactNode {
  return (
    <Panel title="Exclusions" flush>
      <div className="border-t border-line">
        <SkeletonRows rows={4} height="h-24" />
      </div>
    </Panel>
  );
}
