import { useQuery } from '@tanstack/react-query';
import { KeyRound, OctagonAlert, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { keysQuery } from '../../api/keys.ts';
import type { KeysAnswer, KeyPurpose } from '../../api/keys.ts';
import { useView } from '../../state/view.ts';
import { Button, Code, Empty, PageHead, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { useNow } from '../../ui/when.tsx';
import { KeyTable } from './key-table.tsx';
import { Purposes } from './purposes.tsx';
import { RotateDialog } from './rotate-dialog.tsx';
import { RotationPanel } from './rotation.tsx';
import { SealedPanel } from './sealed.tsx';
import { byPurpose, findingsOf, purposeOf } from './state.ts';
import type { KeyFinding } from './state.ts';

/** The keys that seal data: which one seals, how old and how worn it is, and what older ones still hold. */
export function KeysPage(): ReactNode {
  const against = useReasonAgainst('administrator');
  return (
    <>
      <PageHead title="Keys" />
      {against === null ? (
        <Keys />
      ) : (
        <Empty icon={<KeyRound className="size-4" />} title="Keys are for administrators">
          {against}
        </Empty>
      )}
    </>
  );
}

function Keys(): ReactNode {
  const query = useQuery(keysQuery);
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <Empty icon={<KeyRound className="size-4" />} title="This server manages no keys">
        An application that keeps its keys by itself lists and rotates them where it keeps them.
      </Empty>
    );
  }
  return (
    <Loaded query={query} skeleton={<Waiting />}>
      {(answer) => (answer.keys.length === 0 ? <NoKeys /> : <Content answer={answer} />)}
    </Loaded>
  );
}

function NoKeys(): ReactNode {
  return (
    <Panel title="Purposes" flush>
      <div className="border-t border-line">
        <Empty icon={<KeyRound className="size-4" />} title="There are no keys yet">
          The server makes one for each purpose when it starts. Declare the columns that are to be sealed
          under <Code>encrypted</Code> in your configuration.
        </Empty>
      </div>
    </Panel>
  );
}

function Content({ answer }: { readonly answer: KeysAnswer }): ReactNode {
  const { search } = useView();
  const [asked, setAsked] = useState<KeyPurpose | null>(null);
  const now = useNow(60_000);
  const purposes = byPurpose(answer);
  const open = purposes.find(({ purpose }) => purpose === purposeOf(search.tab)) ?? purposes[0];
  const rotated = purposes.find(({ purpose }) => purpose === asked);
  const findings = findingsOf(answer.keys, now);
  return (
    <div className="space-y-4">
      {findings.length > 0 && <Findings findings={findings} onRotate={setAsked} />}
      <Panel title="Purposes" note="one key seals for each; older ones only open" flush>
        <Purposes purposes={purposes} open={open?.purpose} />
      </Panel>
      {open && (
        <div key={open.purpose} className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-2">
          <KeyTable of={open} />
          <div className="space-y-4">
            <RotationPanel of={open} onRotate={() => setAsked(open.purpose)} />
            {/* What was signed is kept nowhere: there is nothing to count. */}
            {open.purpose !== 'hmac' && <SealedPanel of={open} />}
          </div>
        </div>
      )}
      {rotated && <RotateDialog of={rotated} onClose={() => setAsked(null)} />}
    </div>
  );
}

function Findings({
  findings,
  onRotate,
}: {
  readonly findings: readonly KeyFinding[];
  readonly onRotate: (purpose: KeyPurpose) => void;
}): ReactNode {
  return (
    <Panel title="Findings" note="what to do about these keys" flush>
      <ul>
        {findings.map(({ level, text, remedy, purpose, isRotatable }) => {
          const Icon = level === 'error' ? OctagonAlert : TriangleAlert;
          const style = level === 'error' ? 'text-blocked-text' : 'text-challenged-text';
          return (
            <li
              key={text}
              className="flex flex-wrap items-start gap-x-3 gap-y-2 border-t border-line px-4 py-3 text-sm"
            >
              <Icon aria-hidden="true" className={`mt-0.5 size-4 shrink-0 ${style}`} />
              <div className="min-w-0 flex-1 basis-64">
                <p>
                  <span className={`mr-2 text-xs font-medium ${style}`}>
                    {level === 'error' ? 'Error' : 'Warning'}
                  </span>
                  {text}
                </p>
                <p className="mt-0.5 break-words text-mute">{remedy}</p>
              </div>
              {isRotatable && (
                <Button className="max-sm:ml-7" onClick={() => onRotate(purpose)}>
                  Rotate {purpose}…
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-80 rounded-xl" />
      <div className="grid gap-4 xl:grid-cols-2">
        <Skeleton className="h-56 rounded-xl" />
        <Skeleton className="h-56 rounded-xl" />
      </div>
    </div>
  );
}
