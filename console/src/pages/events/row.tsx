import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { EventEntry } from '../../../../src/server/api/types.ts';
import { valueName, valueText } from '../../format/value.ts';
import { useSettings } from '../../state/settings.ts';
import { SeverityMark } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';

/** One event: how grave, what it was, whom it was about. */
export function EventRow({
  event,
  hasNode,
}: {
  readonly event: EventEntry;
  readonly hasNode: boolean;
}): ReactNode {
  const { zone } = useSettings();
  const { severity, about, type, atMs, node, actor, subject, address, route, decision, details } = event;
  const facts: (readonly [string, string])[] = [
    ...Object.entries({ actor, subject, address, route }).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    ),
    ...Object.entries(details)
      // A route without places to fill in says the path already.
      .filter(([name, value]) => name !== 'path' || route?.endsWith(` ${String(value)}`) !== true)
      .map(([name, value]) => [valueName(name), valueText(name, value, zone)] as const),
    ...(hasNode ? [['node', node] as const] : []),
  ];
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-0.5 border-b border-line px-4 py-2.5 text-sm last:border-0 sm:grid-cols-[6rem_1fr_auto]">
      <div className="max-sm:order-1">
        <SeverityMark severity={severity} />
      </div>
      <div className="min-w-0 max-sm:order-3 max-sm:col-span-2">
        <p>
          {about}
          {decision !== null && (
            <Link
              to="/decisions/$id"
              params={{ id: decision }}
              aria-label={`Why: decision ${decision}`}
              className="ml-2 rounded-sm text-xs whitespace-nowrap text-mute underline decoration-edge underline-offset-4 hover:text-ink"
            >
              Why?
            </Link>
          )}
        </p>
        <dl className="mt-0.5 flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
          <div>
            <dt className="sr-only">type</dt>
            <dd className="font-mono text-faint">{type}</dd>
          </div>
          {facts.map(([name, value]) => (
            <div key={name} className="flex gap-1.5">
              <dt className="text-faint">{name}</dt>
              <dd className="break-all text-mute numeric">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <p className="text-right text-xs text-mute max-sm:order-2">
        <When atMs={atMs} />
      </p>
    </li>
  );
}
