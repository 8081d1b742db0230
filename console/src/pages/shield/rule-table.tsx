import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RuleFigures } from '../../api/shield.ts';
import type { View } from '../../state/view.ts';
import { Panel } from '../../ui/parts.tsx';
import { CLASS_NAME } from './classes.ts';
import { behind, CELL, Count, HEAD, Nothing } from './table-parts.tsx';
import { placeWords } from './words.ts';

/** Rules that were found most often, and where. */
export function RuleTable({
  rules,
  view,
}: {
  readonly rules: readonly RuleFigures[];
  readonly view: View;
}): ReactNode {
  return (
    <Panel title="Busiest rules" note="most refusals first" flush>
      {rules.length === 0 ? (
        <Nothing>No rule has found anything in this span.</Nothing>
      ) : (
        <table className="w-full border-t border-line text-sm">
          <caption className="sr-only">Rules of inspection, busiest first</caption>
          <thead>
            <tr className="border-b border-line">
              <th scope="col" className={HEAD}>
                Rule
              </th>
              <th scope="col" className={`${HEAD} max-sm:hidden`}>
                Most often at
              </th>
              <th scope="col" className={`${HEAD} text-right!`}>
                Refused
              </th>
              <th scope="col" className={`${HEAD} text-right! whitespace-nowrap`}>
                Below
              </th>
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <RuleRow key={rule.rule} of={rule} view={view} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function RuleRow({ of, view }: { readonly of: RuleFigures; readonly view: View }): ReactNode {
  const { rule, route, place, field, refused, below } = of;
  return (
    <tr
      className="relative border-b border-line last:border-0 hover:bg-hover"
      {...(route === null ? {} : { 'data-value': `route:${route}` })}
    >
      <td className={CELL}>
        <Link
          data-row
          to="/decisions"
          search={behind(view, route)}
          title={`What inspection refused${route === null ? '' : ` on ${route}`}`}
          className="row-link rounded-sm font-mono text-xs wrap-anywhere"
        >
          {rule}
        </Link>
        <span className="block text-xs text-faint">{CLASS_NAME[of.class]}</span>
        <span className="block text-xs break-words text-mute sm:hidden">
          <Where route={route} place={place} field={field} />
        </span>
      </td>
      <td className={`${CELL} text-mute max-sm:hidden`}>
        <Where route={route} place={place} field={field} />
      </td>
      <Count value={refused} look="text-blocked-text" />
      <Count value={below} />
    </tr>
  );
}

function Where({ route, place, field }: Pick<RuleFigures, 'route' | 'place' | 'field'>): ReactNode {
  if (route === null) return <span className="text-faint">–</span>;
  return (
    <>
      {route}
      <span className="text-faint">, {placeWords(place, field)}</span>
    </>
  );
}
