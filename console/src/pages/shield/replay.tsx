import { Link } from '@tanstack/react-router';
import { ChevronRight, Flag, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ExclusionReplay, ShieldExclusion } from '../../api/shield.ts';
import { plural } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { Button } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { replaySentence } from './words.ts';

/** What the last replay of an exclusion said; its samples on demand. */
export function ReplayResult({
  replay,
  state,
  isOpen,
  onToggle,
}: {
  readonly replay: ExclusionReplay;
  readonly state: ShieldExclusion['state'];
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}): ReactNode {
  const { atMs, fromMs, toMs, samples } = replay;
  return (
    <div className="mt-2.5 ml-7 rounded-lg border border-line bg-panel px-3 py-2.5 max-sm:ml-0">
      <ReplayFacts replay={replay} isLoud={state === 'draft'} />
      <p className="mt-1 text-xs text-faint">
        Replayed <When atMs={atMs} /> on {duration(toMs - fromMs, 1)} of decisions
      </p>
      {samples.length > 0 && (
        <>
          <Button small look="quiet" className="mt-1.5 -ml-2" aria-expanded={isOpen} onClick={onToggle}>
            <ChevronRight
              aria-hidden="true"
              className={`size-3.5 transition-transform ${isOpen ? 'rotate-90' : ''}`}
            />
            {isOpen ? 'Hide requests' : `Show ${plural(samples.length, 'request')}`}
          </Button>
          {isOpen && <Samples samples={samples} />}
        </>
      )}
    </div>
  );
}

/** How many would pass, who of them was reported, and who looks like an attacker. */
export function ReplayFacts({
  replay,
  isLoud,
}: {
  readonly replay: ExclusionReplay;
  /** What stands against it is coloured: it is still to be decided. */
  readonly isLoud: boolean;
}): ReactNode {
  const { wouldPass, reported, suspicious } = replay;
  return (
    <div className="text-sm">
      <p title="A refused request is not read to its end: more might have been found in it.">
        {replaySentence(replay)}
      </p>
      {wouldPass > 0 && (
        <ul className="mt-1 flex flex-wrap gap-x-5 gap-y-1 text-xs">
          <li className="flex items-center gap-1.5 text-mute">
            <Flag aria-hidden="true" className="size-3.5 shrink-0" />
            {reported === 0
              ? 'none of them was reported as a false alarm'
              : `${plural(reported, 'was', 'were')} reported as ${reported === 1 ? 'a false alarm' : 'false alarms'}`}
          </li>
          <li
            className={`flex items-center gap-1.5 ${suspicious > 0 && isLoud ? 'font-medium text-challenged-text' : 'text-mute'}`}
          >
            <TriangleAlert aria-hidden="true" className="size-3.5 shrink-0" />
            {suspicious === 0
              ? 'no caller among them was refused for something else'
              : `${plural(suspicious, 'caller')} among them ${suspicious === 1 ? 'was' : 'were'} refused for something else, too`}
          </li>
        </ul>
      )}
    </div>
  );
}

function Samples({ samples }: { readonly samples: ExclusionReplay['samples'] }): ReactNode {
  return (
    <table className="mt-1 w-full border-t border-line text-xs">
      <caption className="sr-only">Requests that would pass, newest first</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Route</th>
          <th scope="col">From</th>
          <th scope="col">Remarks</th>
        </tr>
      </thead>
      <tbody>
        {samples.map((sample) => (
          <tr
            key={sample.decision}
            data-row
            data-value={`address:${sample.address}`}
            className="relative border-b border-line last:border-0 hover:bg-hover max-sm:flex max-sm:flex-wrap max-sm:gap-x-3 max-sm:py-1"
          >
            <td className="w-24 py-1.5 text-mute max-sm:w-auto max-sm:py-0.5">
              <When atMs={sample.atMs} />
            </td>
            <td className="py-1.5 pr-3 max-sm:py-0.5">
              <Link
                to="/decisions/$id"
                params={{ id: sample.decision }}
                className="row-link rounded-sm break-words"
              >
                {sample.route}
              </Link>
            </td>
            <td className="py-1.5 pr-3 text-mute numeric max-sm:py-0.5">{sample.address}</td>
            <td className="py-1.5 text-right max-sm:py-0.5">
              <Remarks of={sample} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Remarks({ of }: { readonly of: ExclusionReplay['samples'][number] }): ReactNode {
  const { reported, suspicious, left } = of;
  return (
    <span className="inline-flex flex-wrap justify-end gap-x-3 gap-y-0.5 max-sm:justify-start">
      {left.length > 0 && <span className="text-faint">still found: {left.join(', ')}</span>}
      {reported && (
        <span className="inline-flex items-center gap-1 text-mute">
          <Flag aria-hidden="true" className="size-3" />
          reported
        </span>
      )}
      {suspicious && (
        <span className="inline-flex items-center gap-1 text-challenged-text">
          <TriangleAlert aria-hidden="true" className="size-3" />
          refused elsewhere
        </span>
      )}
    </span>
  );
}
