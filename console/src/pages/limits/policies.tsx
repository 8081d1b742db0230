import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { LimitPolicy } from '../../../../src/server/api/types.ts';
import { compact, percent, whole } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { ShadowBadge } from '../../ui/verdict.tsx';
import { maxText } from './share.ts';

const ALGORITHM: Readonly<Record<LimitPolicy['algorithm'], string>> = {
  sliding: 'Sliding window',
  gcra: 'Token bucket (GCRA)',
  fixed: 'Fixed window',
  log: 'Exact log',
  concurrency: 'At the same time',
};
const FAILURE: Readonly<Record<LimitPolicy['onStoreFailure'], string>> = {
  local: 'counts alone',
  open: 'lets through',
  closed: 'refuses',
};
const HEAD = 'px-2 py-2 text-left text-xs font-medium text-faint first:pl-4 last:pr-4';
const CELL = 'px-2 py-2.5 align-top first:pl-4 last:pr-4';

/** The policies with their present figures. One is open below. */
export function Policies({
  policies,
  open,
}: {
  readonly policies: readonly LimitPolicy[];
  readonly open: string | undefined;
}): ReactNode {
  return (
    <table className="w-full border-t border-line text-sm">
      <caption className="sr-only">Limit policies</caption>
      <thead>
        <tr className="border-b border-line">
          <th scope="col" className={HEAD}>
            Policy
          </th>
          <th scope="col" className={HEAD}>
            Limit
          </th>
          <th scope="col" className={`${HEAD} max-md:hidden`}>
            Counted by
          </th>
          <th scope="col" className={`${HEAD} max-lg:hidden`}>
            Routes
          </th>
          <th scope="col" className={`${HEAD} max-lg:hidden`}>
            Without store
          </th>
          <th scope="col" className={`${HEAD} text-right max-sm:hidden`}>
            Passed
          </th>
          <th scope="col" className={`${HEAD} text-right`}>
            Refused
          </th>
        </tr>
      </thead>
      <tbody>
        {policies.map((policy) => (
          <Row key={policy.name} policy={policy} isOpen={policy.name === open} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ policy, isOpen }: { readonly policy: LimitPolicy; readonly isOpen: boolean }): ReactNode {
  const { name, algorithm, max, windowMs, by, mode, routes, passed, refused, onStoreFailure } = policy;
  const [first, ...more] = routes;
  return (
    <tr
      data-row
      className={`relative border-b border-line last:border-0 ${isOpen ? 'bg-sunken' : 'hover:bg-hover'}`}
    >
      <td className={CELL}>
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Link
            to="/limits"
            search={{ tab: name }}
            resetScroll={false}
            aria-current={isOpen ? 'true' : undefined}
            className="rounded-sm font-medium row-link"
          >
            {name}
          </Link>
          {mode === 'shadow' && <ShadowBadge />}
        </span>
        <span className="block text-xs text-faint">{ALGORITHM[algorithm]}</span>
      </td>
      <td className={CELL}>
        {maxText(max)}
        <span className="block text-xs text-faint">
          {algorithm === 'concurrency' ? `lease ${duration(windowMs)}` : `per ${duration(windowMs)}`}
        </span>
      </td>
      <td className={`${CELL} text-mute max-md:hidden`}>{by.join(' + ')}</td>
      <td className={`${CELL} max-w-56 text-mute max-lg:hidden`}>
        <span className="block truncate" title={routes.join('\n')}>
          {first === '*' ? 'All routes' : (first ?? 'None')}
        </span>
        {more.length > 0 && <span className="block text-xs text-faint">and {more.length} more</span>}
      </td>
      <td className={`${CELL} text-mute max-lg:hidden`}>{FAILURE[onStoreFailure]}</td>
      <td className={`${CELL} text-right max-sm:hidden`} title={whole(passed)}>
        {compact(passed)}
      </td>
      <td className={`${CELL} text-right`} title={whole(refused)}>
        <span className={refused > 0 && mode === 'enforce' ? 'text-limited-text' : ''}>
          {compact(refused)}
        </span>
        <span className="block text-xs whitespace-nowrap text-faint">
          {mode === 'shadow' ? 'would be' : percent(refused / Math.max(1, passed + refused))}
        </span>
      </td>
    </tr>
  );
}
