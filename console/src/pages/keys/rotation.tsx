import { CircleAlert, CircleCheck, RotateCcwKey } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { RotationProgress } from '../../api/keys.ts';
import { percent, plural, whole } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { Button, Panel } from '../../ui/parts.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { paceOf, rowsDoneOf, withSample } from './pace.ts';
import type { Pace, Sample } from './pace.ts';
import type { PurposeKeys } from './state.ts';

/** The rotation that runs, or the last one, and the way to begin one. */
export function RotationPanel({
  of,
  onRotate,
}: {
  readonly of: PurposeKeys;
  readonly onRotate: () => void;
}): ReactNode {
  const { rotation, isRotating } = of;
  return (
    <Panel
      title="Rotation"
      note={isRotating ? 'running; it goes on whether this page is open or not' : undefined}
      actions={
        !isRotating && (
          <Button look="solid" onClick={onRotate}>
            <RotateCcwKey aria-hidden="true" className="size-3.5" />
            Rotate…
          </Button>
        )
      }
    >
      {rotation === null ? (
        <p className="text-sm text-mute">
          No rotation yet: the first key still seals. Rotate once a year, when somebody leaves who could read
          the wrapping key, and at once when it may have leaked.
        </p>
      ) : isRotating ? (
        <Running rotation={rotation} of={of} onRotate={onRotate} />
      ) : (
        <Finished rotation={rotation} />
      )}
    </Panel>
  );
}

function Finished({ rotation }: { readonly rotation: RotationProgress }): ReactNode {
  const { keyId, startedAtMs, endedAtMs, tables } = rotation;
  const unreadable = tables.reduce((sum, one) => sum + one.unreadable, 0);
  const rows = rowsDoneOf(rotation);
  return (
    <div className="space-y-2 text-sm">
      <p className="flex items-start gap-2">
        <CircleCheck aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-good" />
        <span>
          The last one, to key <span className="font-mono text-xs">{keyId}</span>, ended{' '}
          <When atMs={endedAtMs ?? startedAtMs} />:{' '}
          {rows === 0 ? 'there was nothing to seal anew' : `${plural(rows, 'row')} sealed anew`}
          {endedAtMs !== null && rows > 0 && <> in {duration(Math.max(1000, endedAtMs - startedAtMs))}</>}.
        </span>
      </p>
      <Unreadable count={unreadable} />
    </div>
  );
}

function Running({
  rotation,
  of: { keys },
  onRotate,
}: {
  readonly rotation: RotationProgress;
  readonly of: PurposeKeys;
  readonly onRotate: () => void;
}): ReactNode {
  const samples = useSamples(rotation);
  const now = useNow(1000);
  const key = keys.find(({ id }) => id === rotation.keyId);
  const sealsFromMs = key?.writesFromMs ?? rotation.startedAtMs;
  const pace = paceOf(rotation, sealsFromMs, samples);
  return (
    <div className="space-y-4 text-sm">
      <p className="text-mute">
        To key <span className="font-mono text-xs text-ink">{rotation.keyId}</span>, begun{' '}
        <When atMs={rotation.startedAtMs} />.{' '}
        {sealsFromMs > now
          ? 'It waits until every node has read the new key.'
          : rotation.tables.length === 0
            ? 'It looks for what there is to seal anew.'
            : 'Applications go on reading and writing meanwhile.'}
      </p>
      {rotation.tables.length > 0 && <Figures pace={pace} />}
      <ul className="space-y-3">
        {rotation.tables.map((table) => (
          <TableBar key={table.table} of={table} />
        ))}
      </ul>
      {rotation.tables.length > 0 && (
        <p className="text-xs text-faint">
          Tables are gone through one after the other; those to come are not counted yet.
        </p>
      )}
      <Unreadable count={pace.unreadable} />
      {pace.isStill && (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg bg-challenged-tint px-3 py-2 text-challenged-text"
        >
          <p className="min-w-0 flex-1 basis-56">
            Nothing moves at present. Rows may be locked, or the process that worked on it has ended: then it
            goes on at the next start of a node, or at once when you order it.
          </p>
          <Button onClick={onRotate}>Go on…</Button>
        </div>
      )}
    </div>
  );
}

function Figures({ pace }: { readonly pace: Pace }): ReactNode {
  const { rowsDone, rowsTotal, rowsPerSecond, leftMs } = pace;
  const figures: readonly (readonly [string, string])[] = [
    ['Rows', `${whole(rowsDone)} of ${whole(rowsTotal)}`],
    ['Rate', rowsPerSecond === null ? 'measuring' : `${whole(rowsPerSecond)} rows/s`],
    [
      'Time left',
      leftMs === null ? 'not known yet' : leftMs < 1000 ? 'almost done' : `about ${duration(leftMs)}`,
    ],
  ];
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3">
      {figures.map(([name, value]) => (
        <div key={name} className="max-sm:first:col-span-2">
          <dt className="text-xs text-mute">{name}</dt>
          <dd className="font-medium numeric">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function TableBar({ of }: { readonly of: RotationProgress['tables'][number] }): ReactNode {
  const { table, rowsDone, rowsTotal } = of;
  const share = rowsTotal === 0 ? 1 : Math.min(1, rowsDone / rowsTotal);
  return (
    <li>
      <div className="mb-1 flex items-baseline gap-3 text-xs">
        <span className="min-w-0 truncate font-mono" title={table}>
          {table}
        </span>
        <span className="ml-auto whitespace-nowrap text-mute numeric">
          {whole(rowsDone)} of {whole(Math.max(rowsTotal, rowsDone))}, {percent(share)}
        </span>
      </div>
      <div
        role="progressbar"
        aria-label={`Rows of ${table} that are sealed anew`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        className="h-2 overflow-hidden rounded-full bg-line"
      >
        <div
          data-bar
          className="h-full rounded-full bg-answered transition-[width] duration-700"
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </li>
  );
}

function Unreadable({ count }: { readonly count: number }): ReactNode {
  if (count === 0) return null;
  return (
    <p className="flex items-start gap-2 text-challenged-text">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      {plural(count, 'field')} could not be opened and stayed as {count === 1 ? 'it was' : 'they were'}: cut
      off, moved from another row, or of a key that is gone. Older keys that made them are kept.
    </p>
  );
}

/** What this page has seen of a rotation: the rate of the last half minute needs more than one look. */
function useSamples(rotation: RotationProgress): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    setSamples((before) => withSample(before, { atMs: Date.now(), rows: rowsDoneOf(rotation) }));
  }, [rotation]);
  return samples;
}
