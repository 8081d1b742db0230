import type { ReactNode } from 'react';
import type { Severity, TrafficClass } from '../../../src/server/api/types.ts';

/** Shapes tell the classes apart where colour can't: disc, diamond, triangle, bars, cross. */
const PATHS: Readonly<Record<TrafficClass, string>> = {
  allowed: 'M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z',
  answered: 'M6 .8 11.2 6 6 11.2.8 6z',
  challenged: 'M6 1 11.5 10.8H.5z',
  limited: 'M1.5 2h9v2.2h-9zM1.5 4.9h9v2.2h-9zM1.5 7.8h9V10h-9z',
  blocked: 'M3.6.9 6 3.3 8.4.9l2.7 2.7L8.7 6l2.4 2.4-2.7 2.7L6 8.7l-2.4 2.4L.9 8.4 3.3 6 .9 3.6z',
};
export const FILL: Readonly<Record<TrafficClass, string>> = {
  allowed: 'fill-allowed',
  answered: 'fill-answered',
  challenged: 'fill-challenged',
  limited: 'fill-limited',
  blocked: 'fill-blocked',
};
export const BG: Readonly<Record<TrafficClass, string>> = {
  allowed: 'bg-allowed',
  answered: 'bg-answered',
  challenged: 'bg-challenged',
  limited: 'bg-limited',
  blocked: 'bg-blocked',
};
export const TEXT: Readonly<Record<TrafficClass, string>> = {
  allowed: 'text-allowed-text',
  answered: 'text-answered-text',
  challenged: 'text-challenged-text',
  limited: 'text-limited-text',
  blocked: 'text-blocked-text',
};
export const TINT: Readonly<Record<TrafficClass, string>> = {
  allowed: 'bg-allowed-tint',
  answered: 'bg-answered-tint',
  challenged: 'bg-challenged-tint',
  limited: 'bg-limited-tint',
  blocked: 'bg-blocked-tint',
};
export const CLASS_LABEL: Readonly<Record<TrafficClass, string>> = {
  allowed: 'Allowed',
  answered: 'Answered',
  challenged: 'Challenged',
  limited: 'Limited',
  blocked: 'Blocked',
};

/** The sign of a class. Always beside its name. */
export function Glyph({
  kind,
  className = 'size-2.5',
}: {
  readonly kind: TrafficClass;
  readonly className?: string;
}): ReactNode {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className={`${className} shrink-0 ${FILL[kind]}`}>
      <path d={PATHS[kind]} />
    </svg>
  );
}

/** Sign and name of a class, in a tinted pill. */
export function ClassBadge({ kind }: { readonly kind: TrafficClass }): ReactNode {
  return (
    <span
      className={`inline-flex h-5 items-center gap-1.5 rounded-full px-2 text-xs font-medium ${TINT[kind]} ${TEXT[kind]}`}
    >
      <Glyph kind={kind} className="size-2" />
      {CLASS_LABEL[kind]}
    </span>
  );
}

/** Marks what a shadow guard would have done. */
export function ShadowBadge({ children = 'Shadow' }: { readonly children?: ReactNode }): ReactNode {
  return (
    <span className="inline-flex h-5 items-center rounded-full border border-dashed border-control px-2 text-xs text-mute">
      {children}
    </span>
  );
}

const SEVERITY: Readonly<Record<Severity, { readonly rank: number; readonly style: string }>> = {
  LOW: { rank: 1, style: 'text-mute' },
  MEDIUM: { rank: 2, style: 'text-challenged-text' },
  HIGH: { rank: 3, style: 'text-limited-text' },
  CRITICAL: { rank: 4, style: 'text-blocked-text' },
};

/** Severity as rising bars, a word and a colour. */
export function SeverityMark({ severity }: { readonly severity: Severity }): ReactNode {
  const { rank, style } = SEVERITY[severity];
  return (
    <span className={`inline-flex items-center gap-1.5 text-xs font-medium whitespace-nowrap ${style}`}>
      <svg viewBox="0 0 14 12" aria-hidden="true" className="h-3 w-3.5 fill-current">
        {[0, 1, 2, 3].map((bar) => (
          <rect
            key={bar}
            x={bar * 3.6}
            y={8 - bar * 2.4}
            width="2.4"
            height={4 + bar * 2.4}
            rx="0.6"
            opacity={bar < rank ? 1 : 0.22}
          />
        ))}
      </svg>
      {severity.charAt(0) + severity.slice(1).toLowerCase()}
    </span>
  );
}

export type HealthState = 'ok' | 'degraded' | 'down';
const HEALTH: Readonly<Record<HealthState, { readonly style: string; readonly path: string }>> = {
  ok: { style: 'fill-good', path: PATHS.allowed },
  degraded: { style: 'fill-challenged', path: PATHS.challenged },
  down: { style: 'fill-blocked', path: PATHS.blocked },
};
/** Disc, triangle or cross for well, degraded and down. */
export function HealthGlyph({
  state,
  className = 'size-2.5',
}: {
  readonly state: HealthState;
  readonly className?: string;
}): ReactNode {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className={`${className} shrink-0 ${HEALTH[state].style}`}>
      <path d={HEALTH[state].path} />
    </svg>
  );
}
