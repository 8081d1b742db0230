import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AttackClass, ClassFigures } from '../../api/shield.ts';
import type { View } from '../../state/view.ts';
import { Panel } from '../../ui/parts.tsx';
import { CLASS_NAME } from './classes.ts';
import type { Band } from './classes.ts';
import { behind, CELL, Count, HEAD, Nothing } from './table-parts.tsx';

const LINK = 'rounded-sm underline decoration-edge decoration-1 underline-offset-4 hover:decoration-ink';

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
    <Panel title="Kinds of attack" flush>
      {classes.length === 0 ? (
        <Nothing>Nothing was found in this span.</Nothing>
      ) : (
        <table className="w-full border-t border-line text-sm">
          <caption className="sr-only">Kinds of attack, busiest first</caption>
          <thead>
            <tr className="border-b border-line">
              <th scope="col" className={HEAD}>
                Kind
              </th>
              <th scope="col" className={`${HEAD} text-right!`}>
                Refused
              </th>
              <th scope="col" className={`${HEAD} text-right!`} title="In shadow mode">
                Would refuse
              </th>
              <th scope="col" className={`${HEAD} text-right!`} title="Found, but below the threshold">
                Below
              </th>
            </tr>
          </thead>
          <tbody>
            {classes.map((one) => (
              <tr key={one.class} className="relative border-b border-line last:border-0 hover:bg-hover">
                <th scope="row" className={`${CELL} text-left font-normal`}>
                  {bands.length > 1 && bands.some(({ kind }) => kind === one.class) ? (
                    <Only kind={one.class} bands={bands} view={view} />
                  ) : (
                    CLASS_NAME[one.class]
                  )}
                </th>
                <Count value={one.refused} look="text-blocked-text" />
                <Count value={one.wouldRefuse} />
                <Count value={one.below} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {classes.length > 0 && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
          A request in which several kinds were found counts for each.{' '}
          <Link to="/decisions" search={behind(view, null)} className={LINK}>
            What inspection refused
          </Link>
        </p>
      )}
    </Panel>
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
