import type { ReactNode } from 'react';
import type { ShieldAnswer } from '../../api/shield.ts';
import { plural } from '../../format/number.ts';
import { HealthGlyph } from '../../ui/verdict.tsx';
import type { HealthState } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';
import { MODE_NAME, partName, POSTURE_NAME, rateWords } from './words.ts';

type Level = NonNullable<ShieldAnswer['posture']>['level'];
const STATE: Readonly<Record<Level, HealthState>> = { normal: 'ok', elevated: 'degraded', attack: 'down' };

/** How hard the site is pressed, and which parts stand against it. */
export function PostureLine({ answer }: { readonly answer: ShieldAnswer }): ReactNode {
  return (
    <section aria-label="Posture" className="rounded-xl border border-line bg-panel">
      <Level posture={answer.posture} />
      <ul
        aria-label="Parts"
        className="flex flex-wrap gap-x-5 gap-y-1.5 border-t border-line px-4 py-2.5 text-xs"
      >
        {answer.parts.map(({ name, mode }) => (
          <li key={name} className="flex items-center gap-1.5 whitespace-nowrap">
            <ModeSign mode={mode} />
            <span className={mode === 'off' ? 'text-faint' : 'font-medium'}>{partName(name)}</span>
            <span className="text-faint">{MODE_NAME[mode]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Level({ posture }: { readonly posture: ShieldAnswer['posture'] }): ReactNode {
  if (posture === null) {
    return (
      <p className="px-4 py-3 text-sm text-mute">
        Patterns of traffic are switched off: nobody watches how hard the site is pressed.
      </p>
    );
  }
  const { level, sinceMs, nodes } = posture;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3">
      <HealthGlyph state={STATE[level]} className="size-3.5" />
      <p className="text-base font-medium">
        {POSTURE_NAME[level]}{' '}
        <span className="font-normal text-mute">
          since <When atMs={sinceMs} look="moment" />
        </span>
      </p>
      <p className="text-sm text-mute numeric sm:ml-auto">
        {rateWords(posture)}
        {nodes > 0 && ` · ${plural(nodes, 'node is', 'nodes are')} pressed`}
      </p>
    </div>
  );
}

/** Full: refuses. Dashed ring: only records. Empty ring with a stroke: off. */
function ModeSign({ mode }: { readonly mode: ShieldAnswer['parts'][number]['mode'] }): ReactNode {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className="size-2.5 shrink-0 fill-none stroke-mute">
      {mode === 'enforce' && <circle cx="6" cy="6" r="4.5" className="fill-good stroke-none" />}
      {mode === 'shadow' && <circle cx="6" cy="6" r="4.5" strokeWidth="1.75" strokeDasharray="2.4 2.3" />}
      {mode === 'off' && (
        <>
          <circle cx="6" cy="6" r="4.5" strokeWidth="1.25" />
          <path d="M2.8 9.2 9.2 2.8" strokeWidth="1.25" />
        </>
      )}
    </svg>
  );
}
