import type { ReactNode } from 'react';
import type { FindingFacts } from '../../api/shield.ts';
import { CLASS_NAME } from './classes.ts';
import { partName, placeWords } from './words.ts';

/** What rules saw, and where; never the value. */
export function FindingList({
  findings,
  guard,
}: {
  readonly findings: readonly FindingFacts[];
  /** Guard that refused; null where that is not known. */
  readonly guard: string | null;
}): ReactNode {
  const score = findings.reduce((sum, { weight }) => sum + weight, 0);
  if (findings.length === 0) {
    return (
      <p className="rounded-lg border border-line bg-sunken px-3 py-2 text-xs text-mute">
        {guard === null || guard === 'inspection'
          ? 'Inspection could not read this request; the decision says why.'
          : `${partName(guard)} refused, and not inspection: an exclusion would change nothing. The decision says why.`}
      </p>
    );
  }
  return (
    <div className="rounded-lg border border-line bg-sunken px-3 py-2">
      <ul className="space-y-1">
        {findings.map(({ rule, weight, place, name, ...one }) => (
          <li
            key={`${rule} ${place} ${name}`}
            className="flex flex-wrap items-baseline gap-x-2.5 gap-y-0.5 text-xs"
          >
            <span className="font-mono wrap-anywhere">{rule}</span>
            <span className="text-mute max-sm:order-last max-sm:basis-full">
              {CLASS_NAME[one.class]} in {placeWords(place, name)}
            </span>
            <span className="ml-auto text-mute numeric">weighs {weight}</span>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 border-t border-line pt-1.5 text-xs text-faint numeric">{score} together</p>
    </div>
  );
}
