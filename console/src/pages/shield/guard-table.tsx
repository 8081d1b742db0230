import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ShieldAnswer } from '../../api/shield.ts';
import { carry } from '../../shell/pages.ts';
import { withFilter } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { type FigureColumn, FigureTable } from './figure-table.tsx';
import { partName } from './words.ts';

const COLUMNS: readonly FigureColumn[] = [
  { name: 'Refused', look: 'text-blocked-text' },
  { name: 'Challenged', look: 'text-challenged-text' },
];

/** Which parts of the shield stepped in. */
export function GuardTable({
  guards,
  view,
}: {
  readonly guards: ShieldAnswer['guards'];
  readonly view: View;
}): ReactNode {
  return (
    <FigureTable
      title="Guards that stepped in"
      caption="Guards of the shield, busiest first"
      first="Guard"
      columns={COLUMNS}
      nothing="No guard of the shield has stepped in."
      rows={guards.map(({ name, refused, challenged }) => ({
        key: name,
        filter: `guard:${name}`,
        name: (
          <Link
            data-row
            to="/decisions"
            search={withFilter(carry(view.search), { field: 'guard', value: name, exclude: false })}
            className="row-link rounded-sm"
          >
            {partName(name)}
          </Link>
        ),
        counts: [refused, challenged],
      }))}
    />
  );
}
