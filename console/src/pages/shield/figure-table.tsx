import type { ReactNode } from 'react';
import { Panel } from '../../ui/parts.tsx';
import { CELL, Count, HEAD, Nothing } from './table-parts.tsx';

/** A column of counts. */
export interface FigureColumn {
  readonly name: string;
  /** What it counts, where its name is too short to say so. */
  readonly about?: string;
  readonly look?: string;
}

/** A line: what is counted, and as many counts as there are columns. */
export interface FigureRow {
  readonly key: string;
  readonly name: ReactNode;
  readonly counts: readonly number[];
  /** `field:value` that the keys filter by. */
  readonly filter?: string;
}

/** A panel with a table of counts; what stands in place of rows where there are none. */
export function FigureTable({
  title,
  caption,
  first,
  columns,
  rows,
  nothing,
  children,
}: {
  readonly title: string;
  readonly caption: string;
  /** Name of the column of names. */
  readonly first: string;
  readonly columns: readonly FigureColumn[];
  readonly rows: readonly FigureRow[];
  readonly nothing: string;
  /** Below the table. */
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <Panel title={title} flush>
      {rows.length === 0 ? (
        <Nothing>{nothing}</Nothing>
      ) : (
        <>
          <table className="w-full border-t border-line text-sm">
            <caption className="sr-only">{caption}</caption>
            <thead>
              <tr className="border-b border-line">
                <th scope="col" className={HEAD}>
                  {first}
                </th>
                {columns.map(({ name, about }) => (
                  <th key={name} scope="col" className={`${HEAD} text-right!`} title={about}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ key, name, counts, filter }) => (
                <tr
                  key={key}
                  data-value={filter}
                  className="relative border-b border-line last:border-0 hover:bg-hover"
                >
                  <th scope="row" className={`${CELL} text-left font-normal`}>
                    {name}
                  </th>
                  {columns.map((column, at) => (
                    <Count key={column.name} value={counts[at] ?? 0} look={column.look} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {children}
        </>
      )}
    </Panel>
  );
}
