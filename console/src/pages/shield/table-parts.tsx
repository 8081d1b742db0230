import type { ReactNode } from 'react';
import { whole } from '../../format/number.ts';
import { carry } from '../../shell/pages.ts';
import { withFilter } from '../../state/search.ts';
import type { ViewSearch } from '../../state/search.ts';
import type { View } from '../../state/view.ts';

/** Classes of the tables of figures. */
export const HEAD = 'px-2 py-2 text-left text-xs font-medium text-faint first:pl-4 last:pr-4';
export const CELL = 'px-2 py-2 align-top first:pl-4 last:pr-4';

/** Decisions that inspection stood behind, of a route where one is known. */
export function behind(view: View, route: string | null): ViewSearch {
  const refused = withFilter(carry(view.search), { field: 'guard', value: 'inspection', exclude: false });
  return route === null ? refused : withFilter(refused, { field: 'route', value: route, exclude: false });
}

/** A number in its cell; nothing is pale. */
export function Count({
  value,
  look = '',
}: {
  readonly value: number;
  readonly look?: string | undefined;
}): ReactNode {
  return (
    <td className={`${CELL} text-right whitespace-nowrap ${value === 0 ? 'text-faint' : look}`}>
      {whole(value)}
    </td>
  );
}

/** What stands in place of rows. */
export function Nothing({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <p className="grid min-h-20 place-items-center border-t border-line px-4 text-center text-sm text-faint">
      {children}
    </p>
  );
}
