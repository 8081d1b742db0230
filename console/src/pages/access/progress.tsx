import type { ReactNode } from 'react';
import type { ReviewEntry } from '../../../../src/server/api/access-types.ts';
import { whole } from '../../format/number.ts';

/** How many lines of a review are decided, as numbers and a bar. */
export function Progress({ review: { items, open } }: { readonly review: ReviewEntry }): ReactNode {
  const decided = items - open;
  return (
    <span className="inline-block w-36 text-xs">
      <span className="text-mute numeric">
        {whole(decided)} of {whole(items)} decided
      </span>
      <span aria-hidden="true" data-bar className="mt-1 block h-1 overflow-hidden rounded-full bg-sunken">
        <span
          className="block h-full rounded-full bg-good"
          style={{ width: `${items === 0 ? 100 : (decided / items) * 100}%` }}
        />
      </span>
    </span>
  );
}
