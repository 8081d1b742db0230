import type { ReactNode } from 'react';
import { publishExclusion } from '../../api/shield.ts';
import type { ShieldExclusion } from '../../api/shield.ts';
import { AskDialog } from '../../ui/ask-dialog.tsx';
import { When } from '../../ui/when.tsx';
import { ReplayFacts } from './replay.tsx';
import { scopeWords } from './words.ts';

/** Shows what will pass, asks once, and publishes with a fresh proof. */
export function PublishDialog({
  exclusion,
  onClose,
}: {
  readonly exclusion: ShieldExclusion;
  readonly onClose: () => void;
}): ReactNode {
  const { rules, replay } = exclusion;
  if (replay === null) return null;
  return (
    <AskDialog
      refresh="shield"
      onClose={onClose}
      ask={{
        title: 'Publish this exclusion',
        confirm: 'Publish',
        done: 'Live on every node',
        isGrave: replay.suspicious > 0,
        consequences: [
          'Within a second every node lets such requests through to the application.',
          'It can be withdrawn at any time. The audit trail names you.',
        ],
        act: () => publishExclusion(exclusion),
        children: () => (
          <>
            <p>
              Inspection leaves out{' '}
              <span className="font-mono text-xs wrap-anywhere">{rules.join(', ')}</span>{' '}
              {scopeWords(exclusion)}.
            </p>
            <div className="rounded-lg border border-line px-3 py-2.5">
              <p className="mb-1 text-xs text-faint">
                What the replay of <When atMs={replay.atMs} look="full" /> found
              </p>
              <ReplayFacts replay={replay} isLoud />
            </div>
          </>
        ),
      }}
    />
  );
}
