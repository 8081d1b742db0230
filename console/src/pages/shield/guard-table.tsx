import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ShieldAnswer } from '../../api/shield.ts';
import { carry } from '../../shell/pages.ts';
import { withFilter } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { Panel } from '../../ui/parts.tsx';
import { CELL, Count, HEAD, Nothing } from './table-parts.tsx';
import { partName } from './words.ts';

/** Which parts of the shield stepped in. */
export function GuardTable({
  guards,
  view,
}: {
  readonly guards: ShieldAnswer['guards'];
  readonly view: View;
}): ReactNode {
  return (
    <Panel title="Guards that stepped in" flush>
      {guards.length === 0 ? (
        <Nothing>No guard of the shield has stepped in.</Nothing>
      ) : (
        <table className="w-full border-t border-line text-sm">
          <caption className="sr-only">Guards of the shield, busiest first</caption>
          <thead>
            <tr className="border-b border-line">
              <th scope="col" className={HEAD}>
                Guard
              </th>
              <th scope="col" className={`${HEAD} text-right!`}>
                Refused
              </th>
              <th scope="col" className={`${HEAD} text-right!`}>
                Challenged
              </th>
            </tr>
          </thead>
          <tbody>
            {guards.map(({ name, refused, challenged }) => (
              <tr
                key={name}
                data-value={`guard:${name}`}
                className="relative border-b border-line last:border-0 hover:bg-hover"
              >
                <th scope="row" className={`${CELL} text-left font-normal`}>
                  <Link
                    data-row
                    to="/decisions"
                    search={withFilter(carry(view.search), { field: 'guard', value: name, exclude: false })}
                    className="row-link rounded-sm"
                  >
                    {partName(name)}
                  </Link>
                </th>
                <Count value={refused} look="text-blocked-text" />
                <Count value={challenged} look="text-challenged-text" />
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
