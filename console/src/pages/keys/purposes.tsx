import { Link } from '@tanstack/react-router';
import { LoaderCircle, OctagonAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { KeyPurpose } from '../../api/keys.ts';
import { whole } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { useNow } from '../../ui/when.tsx';
import { ShareBar, usesText } from './parts.tsx';
import { MAX_USES, PURPOSES, takesNonces } from './state.ts';
import type { PurposeKeys } from './state.ts';
import { wrapperText } from './words.ts';

const HEAD = 'px-2 py-2 text-left text-xs font-medium text-faint first:pl-4 last:pr-4';
const CELL = 'px-2 py-2.5 align-top first:pl-4 last:pr-4';

/** A line for each purpose. One is open below. */
export function Purposes({
  purposes,
  open,
}: {
  readonly purposes: readonly PurposeKeys[];
  readonly open: KeyPurpose | undefined;
}): ReactNode {
  return (
    <table className="w-full border-t border-line text-sm">
      <caption className="sr-only">Keys by purpose</caption>
      <thead>
        <tr className="border-b border-line">
          <th scope="col" className={HEAD}>
            Purpose
          </th>
          <th scope="col" className={HEAD}>
            Active key
          </th>
          <th scope="col" className={`${HEAD} max-sm:hidden`}>
            Age
          </th>
          <th scope="col" className={`${HEAD} max-md:hidden`}>
            Use of its bound
          </th>
          <th scope="col" className={`${HEAD} max-sm:hidden`}>
            Older keys
          </th>
          <th scope="col" className={`${HEAD} max-lg:hidden`}>
            Rotation
          </th>
        </tr>
      </thead>
      <tbody>
        {purposes.map((one) => (
          <Row key={one.purpose} of={one} isOpen={one.purpose === open} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ of, isOpen }: { readonly of: PurposeKeys; readonly isOpen: boolean }): ReactNode {
  const { purpose, active, keys, isRotating } = of;
  const now = useNow(60_000);
  const { label, about } = PURPOSES[purpose];
  const older = keys.filter(({ state }) => state === 'decrypt-only').length;
  const age = active === null ? '–' : duration(now - active.createdAtMs, 1);
  return (
    <tr
      data-row
      className={`relative border-b border-line last:border-0 ${isOpen ? 'bg-sunken' : 'hover:bg-hover'}`}
    >
      <td className={CELL}>
        <Link
          to="/keys"
          search={{ tab: purpose }}
          resetScroll={false}
          aria-current={isOpen ? 'true' : undefined}
          className="rounded-sm font-medium row-link"
        >
          {label}
        </Link>
        <span className="block text-xs text-faint">{about}</span>
        {isRotating && (
          <span className="block lg:hidden">
            <Rotating />
          </span>
        )}
      </td>
      <td className={CELL}>
        {active === null ? (
          <span className="text-challenged-text">None</span>
        ) : (
          <>
            <span className="font-mono text-xs">{active.id}</span>
            {active.usable ? (
              <span className="block max-w-60 text-xs break-words text-faint max-sm:hidden">
                {wrapperText(active)}
              </span>
            ) : (
              <span className="flex items-center gap-1 text-xs text-blocked-text">
                <OctagonAlert aria-hidden="true" className="size-3.5 shrink-0" />
                not usable here
              </span>
            )}
            <span className="block text-xs whitespace-nowrap text-faint sm:hidden">{age} old</span>
          </>
        )}
      </td>
      <td className={`${CELL} whitespace-nowrap numeric max-sm:hidden`}>{age}</td>
      <td className={`${CELL} w-44 max-md:hidden`}>
        {!takesNonces(purpose) ? (
          <span className="text-faint">No bound</span>
        ) : active === null ? null : (
          <>
            <span className="numeric" title={`${whole(active.uses)} of ${whole(MAX_USES)} seals`}>
              {usesText(active.uses)}
            </span>
            <span className="mt-1 block">
              <ShareBar share={active.uses / MAX_USES} isGrave={active.uses >= MAX_USES / 8} />
            </span>
          </>
        )}
      </td>
      <td className={`${CELL} numeric max-sm:hidden`}>
        {older === 0 ? <span className="text-faint">None</span> : `${whole(older)} decrypt only`}
      </td>
      <td className={`${CELL} max-lg:hidden`}>
        {isRotating ? <Rotating /> : <span className="text-faint">None running</span>}
      </td>
    </tr>
  );
}

function Rotating(): ReactNode {
  return (
    <span className="flex h-5 items-center gap-1.5 text-xs font-medium">
      <LoaderCircle aria-hidden="true" className="size-3.5 animate-spin" />
      Running
    </span>
  );
}
