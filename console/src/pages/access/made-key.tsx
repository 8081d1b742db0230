import { Copy } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { MadeKeyAnswer } from '../../../../src/server/api/access-types.ts';
import { copy } from '../../state/view.ts';
import { Modal } from '../../ui/overlay.tsx';
import { Button } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';

/** The text of a new key, shown this once. */
export function MadeKey({
  made: { key, text },
  onClose,
}: {
  readonly made: MadeKeyAnswer;
  readonly onClose: () => void;
}): ReactNode {
  const [isSaved, setSaved] = useState(false);
  const [isWarned, setWarned] = useState(false);
  // A click beside the dialog must not cost the key.
  const leave = (): void => (isSaved || isWarned ? onClose() : setWarned(true));
  return (
    <Modal key={String(isWarned)} title={`The key ${key.name}`} onClose={leave}>
      <div className="space-y-4 text-sm">
        <p>
          Copy it to where the program reads it. It is kept nowhere here and is{' '}
          <strong className="font-medium">not shown again</strong>; if it is lost, rotate the key.
        </p>
        <div className="flex items-start gap-2 rounded-lg border border-edge bg-sunken p-3">
          <code className="min-w-0 flex-1 font-mono text-sm break-all select-all">{text}</code>
          <Button data-first="" onClick={() => void copy(text, 'Key')}>
            <Copy aria-hidden="true" className="size-4" />
            Copy
          </Button>
        </div>
        <p className="text-mute">
          Ends <When atMs={key.expiresAtMs} look="full" />.
        </p>
        {isWarned && (
          <p role="alert" className="rounded-lg bg-challenged-tint px-3 py-2 text-challenged-text">
            You have not said that you stored it. Closing this once more loses it.
          </p>
        )}
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-solid"
            checked={isSaved}
            onChange={(event) => setSaved(event.target.checked)}
          />
          I have stored it
        </label>
        <div className="flex justify-end">
          <Button look="solid" disabled={!isSaved} onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Modal>
  );
}
