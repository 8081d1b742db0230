import { Pause, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCommand } from '../keys/commands.ts';
import { isMoving } from '../state/search.ts';
import type { View } from '../state/view.ts';
import { Button } from '../ui/parts.tsx';

interface LiveButtonProps {
  readonly view: View;
  /** The reader holds the view still, by pointer or focus. */
  readonly isHeld: boolean;
}

/** Whether a view moves with the clock, and the key that says so; nothing where its span has an end. */
export function LiveButton({ view, isHeld }: LiveButtonProps): ReactNode {
  const { search, change } = view;
  const isStopped = search.live === 'paused';
  const toggle = (): void => {
    const { live, ...rest } = search;
    change(live === 'paused' ? rest : { ...rest, live: 'paused' }, true);
  };
  useCommand('live', toggle, isMoving(search));
  if (!isMoving(search)) return null;
  return (
    <Button className="min-w-24" onClick={toggle} aria-pressed={!isStopped} title="Live (L)">
      {isStopped ? (
        <Play aria-hidden="true" className="size-3.5" />
      ) : isHeld ? (
        <Pause aria-hidden="true" className="size-3.5" />
      ) : (
        <span aria-hidden="true" className="size-2 rounded-full bg-good" />
      )}
      {isStopped ? 'Resume' : isHeld ? 'Held' : 'Live'}
    </Button>
  );
}
