import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FileCheck, FileUp, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useReasonAgainst } from '../../api/identity.ts';
import { uploadsQuery } from '../../api/uploads.ts';
import type { UploadEntry, UploadsAnswer, UploadView } from '../../api/uploads.ts';
import { whole } from '../../format/number.ts';
import { useView } from '../../state/view.ts';
import { Button, Code, Empty, PageHead, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { ActDialog } from './act-dialog.tsx';
import type { Act } from './act-dialog.tsx';
import { UploadTable } from './table.tsx';

const VIEWS: readonly (readonly [UploadView, string])[] = [
  ['all', 'All'],
  ['quarantine', 'Quarantine'],
  ['kept', 'Kept'],
  ['refused', 'Refused'],
];

/** Files that people sent: what was kept, what was refused and why, and what lies in quarantine. */
export function UploadsPage(): ReactNode {
  const { search } = useView();
  const view = VIEWS.find(([name]) => name === search.tab)?.[0] ?? 'all';
  return <Files key={view} view={view} />;
}

function Files({ view }: { readonly view: UploadView }): ReactNode {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [asked, setAsked] = useState<{ readonly act: Act; readonly file: UploadEntry } | null>(null);
  const query = useQuery(uploadsQuery(view, cursors.at(-1) ?? null));
  const against = useReasonAgainst('administrator');
  return (
    <>
      <PageHead title="Uploads" />
      <Views view={view} counts={query.data?.counts} />
      {against !== null && <p className="mb-3 text-xs text-faint">{against}</p>}
      <Panel title={view === 'quarantine' ? 'In quarantine' : 'Files'} note={noteOf(query.data)} flush>
        <div className="min-h-80 border-t border-line">
          <Loaded query={query} skeleton={<SkeletonRows rows={6} height="h-14" />}>
            {(answer) =>
              answer.uploads.length === 0 ? (
                <Nothing view={view} kinds={answer.kinds} />
              ) : (
                <>
                  <UploadTable
                    files={answer.uploads}
                    onAct={against === null ? (act, file) => setAsked({ act, file }) : null}
                  />
                  <Pages
                    isFirst={cursors.length === 0}
                    next={answer.nextCursor}
                    onNext={(cursor) => setCursors([...cursors, cursor])}
                    onBack={() => setCursors(cursors.slice(0, -1))}
                  />
                </>
              )
            }
          </Loaded>
        </div>
      </Panel>
      {asked && <ActDialog act={asked.act} file={asked.file} onClose={() => setAsked(null)} />}
    </>
  );
}

function noteOf(answer: UploadsAnswer | undefined): string | undefined {
  if (answer === undefined) return undefined;
  const open = answer.kinds.filter(({ scanned }) => !scanned).map(({ name }) => name);
  return open.length === 0 ? 'newest first' : `not scanned: ${open.join(', ')}`;
}

function Views({
  view,
  counts,
}: {
  readonly view: UploadView;
  readonly counts: UploadsAnswer['counts'] | undefined;
}): ReactNode {
  const number = (name: UploadView): number | undefined => {
    if (counts === undefined) return undefined;
    if (name === 'quarantine') return counts.held + counts.infected;
    return name === 'all' ? counts.kept + counts.held + counts.infected + counts.refused : counts[name];
  };
  return (
    <nav aria-label="Which files" className="mb-3 flex flex-wrap gap-1">
      {VIEWS.map(([name, label]) => (
        <Link
          key={name}
          to="/uploads"
          search={name === 'all' ? {} : { tab: name }}
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={view === name ? 'page' : undefined}
          className="flex h-8 items-center gap-1.5 rounded-md px-3 text-sm text-mute hover:bg-hover hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink"
        >
          {label}
          <span className="text-xs text-faint numeric">
            {number(name) === undefined ? '' : whole(number(name) as number)}
          </span>
        </Link>
      ))}
    </nav>
  );
}

function Nothing({
  view,
  kinds,
}: {
  readonly view: UploadView;
  readonly kinds: UploadsAnswer['kinds'];
}): ReactNode {
  if (view === 'quarantine')
    return (
      <Empty icon={<ShieldAlert className="size-4" />} title="Quarantine is empty">
        Files in which the scanner finds something come here, and those that wait for it.
      </Empty>
    );
  if (kinds.length === 0)
    return (
      <Empty icon={<FileUp className="size-4" />} title="No uploads are configured">
        Name what your routes take under <Code>uploads</Code> in your configuration.
      </Empty>
    );
  return (
    <Empty
      icon={<FileCheck className="size-4" />}
      title={view === 'refused' ? 'Nothing was refused' : 'No files yet'}
    >
      {view === 'refused'
        ? 'What people send and is not accepted is listed here for 30 days, with the reason.'
        : 'Files that people send are listed here, with what became of them.'}
    </Empty>
  );
}

function Pages({
  isFirst,
  next,
  onNext,
  onBack,
}: {
  readonly isFirst: boolean;
  readonly next: string | null;
  readonly onNext: (cursor: string) => void;
  readonly onBack: () => void;
}): ReactNode {
  if (isFirst && next === null) return null;
  return (
    <div className="flex justify-end gap-2 border-t border-line px-4 py-2.5">
      <Button small disabled={isFirst} onClick={onBack}>
        Newer
      </Button>
      <Button small disabled={next === null} onClick={() => next !== null && onNext(next)}>
        Older
      </Button>
    </div>
  );
}
