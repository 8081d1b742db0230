import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AttackClass, ClassFigures } from '../../api/shield.ts';
import type { View } from '../../state/view.ts';
import { CLASS_NAME } from './classes.ts';
import type { Band } from './classes.ts';
import { type FigureColumn, FigureTable } from './figure-table.tsx';
import { behind } from './table-parts.tsx';

const LINK = 'rounded-sm underline decoration-edge decoration-1 underline-offset-4 hover:decoration-ink';

const COLUMNS: readonly FigureColumn[] = [
  { name: 'Refused', look: 'text-blocked-text' },
  { name: 'Would refuse', about: 'In shadow mode' },
  { name: 'Below', about: 'Found, but below the threshold' },
];

/** Kinds of attack with what became of them; those with a colour can be had alone in the chart. */
export function ClassTable({
  classes,
  bands,
  view,
}: {
  readonly classes: readonly ClassFigures[];
  readonly bands: readonly Band[];
  readonly view: View;
}): ReactNode {
  return (
    <FigureTable
      title="Kinds of attack"
      caption="Kinds of attack, busiest first"
      first="Kind"
      columns={COLUMNS}
      nothing="Nothing was found in this span."
      rows={classes.map(({ class: kind, refused, wouldRefuse, below }) => ({
        key: kind,
        name:
          bands.length > 1 && bands.some((band) => band.kind === kind) ? (
            <Only kind={kind} bands={bands} view={view} />
          ) : (
            CLASS_NAME[kind]
          ),
        counts: [refused, wouldRefuse, below],
      }))}
    >
      <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
        A request in which several kinds were found counts for each.{' '}
        <Link to="/decisions" search={behind(view, null)} className={LINK}>
          What inspection refused
        </Link>
      </p>
    </FigureTable>
  );
}

/** A kind that can be had alone in the chart. */
function Only({
  kind,
  bands,
  view,
}: {
  readonly kind: AttackClass;
  readonly bands: readonly Band[];
  readonly view: View;
}): ReactNode {
  const { hide = [], ...rest } = view.search;
  const others = bands.filter((band) => band.kind !== kind).map((band) => band.kind);
  const isOnly = !hide.includes(kind) && others.every((one) => hide.includes(one));
  return (
    <button
      data-row
      type="button"
      aria-pressed={isOnly}
      title={isOnly ? 'Show all kinds in the chart' : 'This kind alone in the chart'}
      onClick={() => view.change(isOnly ? rest : { ...rest, hide: others }, true)}
      className={`row-link rounded-sm text-left ${isOnly ? 'font-medium' : ''}`}
    >
      {CLASS_NAME[kind]}
    </button>
  );
}
