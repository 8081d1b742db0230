import type { ReactNode } from 'react';
import type { ExplainAnswer } from '../../../../src/server/api/access-types.ts';
import { STANDING_WORD } from './matrix.ts';
import type { Standing } from './matrix.ts';

/** Shapes tell the standings apart where colour can't: disc, half disc, cross, dash. */
const MARKS: Readonly<Record<Standing, { readonly style: string; readonly path: string }>> = {
  always: { style: 'text-good-text', path: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z' },
  condition: {
    style: 'text-challenged-text',
    path: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zm0 1.6v8.8a4.4 4.4 0 0 0 0-8.8z',
  },
  denied: {
    style: 'text-blocked-text',
    path: 'M4.2 2.8 8 6.6l3.8-3.8 1.4 1.4L9.4 8l3.8 3.8-1.4 1.4L8 9.4l-3.8 3.8-1.4-1.4L6.6 8 2.8 4.2z',
  },
  none: { style: 'text-faint', path: 'M5.5 7.4h5v1.2h-5z' },
};

/** The sign of a standing; an arrow up stands beside what is inherited. */
export function StandingMark({
  standing,
  isInherited = false,
  isOfLine = false,
}: {
  readonly standing: Standing;
  readonly isInherited?: boolean;
  /** As high as the line of text that it begins. */
  readonly isOfLine?: boolean;
}): ReactNode {
  const { style, path } = MARKS[standing];
  return (
    <span aria-hidden="true" className={`inline-flex items-center ${isOfLine ? 'h-5' : ''} ${style}`}>
      <svg viewBox="0 0 16 16" className="size-4 fill-current" fillRule="evenodd">
        <path d={path} />
      </svg>
      {isInherited && (
        <svg viewBox="0 0 8 16" className="h-4 w-2 fill-none stroke-current" strokeWidth="1.4">
          <path d="M4 12.5V4M1.5 6.5 4 4l2.5 2.5" />
        </svg>
      )}
    </span>
  );
}

/** What the signs of the matrix mean. */
export function Legend(): ReactNode {
  const standings: readonly Standing[] = ['always', 'condition', 'denied', 'none'];
  return (
    <ul aria-label="Signs" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-mute">
      {standings.map((standing) => (
        <li key={standing} className="inline-flex items-center gap-1">
          <StandingMark standing={standing} />
          {STANDING_WORD[standing]}
        </li>
      ))}
      <li className="inline-flex items-center gap-1">
        <svg
          aria-hidden="true"
          viewBox="0 0 8 16"
          className="h-4 w-2 fill-none stroke-current"
          strokeWidth="1.4"
        >
          <path d="M4 12.5V4M1.5 6.5 4 4l2.5 2.5" />
        </svg>
        Inherited
      </li>
    </ul>
  );
}

type Outcome = ExplainAnswer['rules'][number]['outcome'];
const OUTCOMES: Readonly<
  Record<Outcome, { readonly word: string; readonly style: string; readonly path: string }>
> = {
  true: { word: 'holds', style: 'text-good-text', path: 'm6.6 11.8-3.4-3.4 1.2-1.2 2.2 2.2 5-5 1.2 1.2z' },
  false: { word: 'does not hold', style: 'text-mute', path: MARKS.denied.path },
  unknown: {
    word: 'not known',
    style: 'text-challenged-text',
    path: 'M7.2 9.6c0-2.2 2-2.2 2-3.7 0-.8-.6-1.2-1.3-1.2-.8 0-1.4.5-1.5 1.4H4.8C4.9 4.3 6.2 3.2 8 3.2c1.8 0 3 1.1 3 2.6 0 2.3-2.2 2.3-2.2 3.8zM7.1 10.9h1.8v1.8H7.1z',
  },
};

/** Whether a condition holds, as sign and word. */
export function OutcomeMark({ outcome }: { readonly outcome: Outcome }): ReactNode {
  const { word, style, path } = OUTCOMES[outcome];
  return (
    <span className={`inline-flex items-center gap-0.5 text-xs font-medium whitespace-nowrap ${style}`}>
      <svg aria-hidden="true" viewBox="0 0 16 16" className="size-4 fill-current">
        <path d={path} />
      </svg>
      {word}
    </span>
  );
}
