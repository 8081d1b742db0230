import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { DecisionAnswer } from '../../../../src/server/api/types.ts';
import { Panel } from '../../ui/parts.tsx';
import { CLASS_LABEL, Glyph, ShadowBadge, TEXT } from '../../ui/verdict.tsx';
import { stepClass } from './corridor.ts';
import { ReasonTree } from './reason-tree.tsx';

/** What each guard said, in the order they were asked. What refused is open. */
export function Steps({ decision }: { readonly decision: DecisionAnswer }): ReactNode {
  return (
    <Panel title="What each guard said" flush actions={<Overall steps={decision.steps} />}>
      <ul>
        {decision.steps.map((step) => (
          <Step key={`${step.guard}${step.mode}`} step={step} decision={decision} />
        ))}
      </ul>
      {decision.steps.length === 0 && (
        <p className="px-4 pb-4 text-sm text-mute">No guard acts on this route.</p>
      )}
    </Panel>
  );
}

function Step({
  step,
  decision,
}: {
  readonly step: DecisionAnswer['steps'][number];
  readonly decision: DecisionAnswer;
}): ReactNode {
  const kind = stepClass(step, decision);
  const [isOpen, setOpen] = useState(step.verdict !== 'pass');
  return (
    <li className="border-t border-line">
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary
          data-row
          tabIndex={0}
          className="flex min-h-11 list-none flex-wrap items-center gap-x-2.5 gap-y-1 px-4 py-2 text-sm hover:bg-hover focus-visible:-outline-offset-2 [&::-webkit-details-marker]:hidden"
        >
          <Glyph kind={kind} />
          <span className="font-medium">{step.guard}</span>
          <span className={`text-xs ${kind === 'allowed' ? 'text-faint' : TEXT[kind]}`}>
            {step.mode === 'shadow' && step.verdict !== 'pass'
              ? 'Would refuse'
              : kind === 'allowed'
                ? 'Passed'
                : CLASS_LABEL[kind]}
          </span>
          {step.mode === 'shadow' && <ShadowBadge />}
          <span className="ml-auto">
            <Replay replayed={step.replayed} />
          </span>
        </summary>
        <div className="px-3 pb-3">
          {step.reason ? (
            <ReasonTree reason={step.reason} label={`Why ${step.guard} said so`} />
          ) : (
            <p className="px-1 text-sm text-mute">This guard left no reason.</p>
          )}
        </div>
      </details>
    </li>
  );
}

/** What computing the whole decision again gave; each step has its own sign. */
function Overall({ steps }: { readonly steps: DecisionAnswer['steps'] }): ReactNode {
  const known = steps.filter(({ replayed }) => replayed !== null);
  if (known.length === 0) return null;
  return known.every(({ replayed }) => replayed) ? (
    <span className="inline-flex items-center gap-1.5 text-xs text-good-text">
      <CircleCheck aria-hidden="true" className="size-3.5" />
      Computed again: same verdict
    </span>
  ) : (
    <span className="inline-flex items-center gap-1.5 text-xs font-medium text-blocked-text">
      <TriangleAlert aria-hidden="true" className="size-3.5" />
      Computed again: a step differs
    </span>
  );
}

/** Whether the same evidence gives the same verdict when it is computed again. */
function Replay({ replayed }: { readonly replayed: boolean | null }): ReactNode {
  const style = 'inline-flex items-center gap-1.5 text-xs';
  if (replayed === null) {
    return (
      <span className={`${style} text-faint`} title="The record holds no evidence of this step.">
        <CircleHelp aria-hidden="true" className="size-3.5" />
        <span className="sr-only">Not replayable</span>
      </span>
    );
  }
  return replayed ? (
    <span className={`${style} text-good-text`} title="Computed again from the evidence: same verdict.">
      <CircleCheck aria-hidden="true" className="size-3.5" />
      <span className="sr-only">Computed again: same verdict</span>
    </span>
  ) : (
    <span className={`${style} font-medium text-blocked-text`}>
      <TriangleAlert aria-hidden="true" className="size-3.5" />
      Computed again: differs
    </span>
  );
}
