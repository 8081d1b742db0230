import { ChevronLeft, Copy, ExternalLink } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { MailboxMessage } from '../../../../src/server/api/user-types.ts';
import { copy } from '../../state/view.ts';
import { Button, Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { MailFrame } from './frame.tsx';
import { gistOf, piecesOf } from './links.ts';

/** One message, with what it is about in reach: its link and its code. */
export function Reader({
  message,
  onBack,
}: {
  readonly message: MailboxMessage;
  readonly onBack: () => void;
}): ReactNode {
  const { subject, to, atMs, text, html, kind, channel } = message;
  const [isText, setText] = useState(false);
  return (
    <>
      <Button look="quiet" className="mb-2 -ml-2 lg:hidden" onClick={onBack}>
        <ChevronLeft aria-hidden="true" className="size-4" />
        All messages
      </Button>
      <Panel
        title={subject ?? 'SMS'}
        actions={
          html !== null && (
            <Button small onClick={() => setText(!isText)}>
              {isText ? 'Show as mail' : 'Show as text'}
            </Button>
          )
        }
        flush
      >
        <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 border-t border-line px-4 py-2.5 text-sm">
          <dt className="text-faint">To</dt>
          <dd className="break-all">{to}</dd>
          <dt className="text-faint">{channel === 'sms' ? 'SMS' : 'Mail'}</dt>
          <dd className="text-mute">
            <span className="font-mono text-xs">{kind}</span>, <When atMs={atMs} look="full" />
          </dd>
        </dl>
        <Gist text={text} />
        <div className="border-t border-line p-4">
          {html === null || isText ? (
            <Text text={text} />
          ) : (
            <MailFrame html={html} title={`Mail: ${subject ?? kind}`} />
          )}
        </div>
      </Panel>
    </>
  );
}

function Gist({ text }: { readonly text: string }): ReactNode {
  const { link, code } = gistOf(text, location.origin);
  if (link === null && code === null) return null;
  return (
    <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2.5">
      {code !== null && (
        <Button onClick={() => void copy(code, 'Code')}>
          <Copy aria-hidden="true" className="size-3.5" />
          Copy code <span className="font-mono tracking-wider">{code}</span>
        </Button>
      )}
      {link !== null && (
        <>
          <a
            href={link}
            target="_blank"
            rel="noopener noreferrer"
            className="inline-flex h-8 items-center gap-1.5 rounded-md bg-solid px-3 text-sm font-medium text-on-solid hover:opacity-90"
          >
            <ExternalLink aria-hidden="true" className="size-3.5" />
            Open link
          </a>
          <Button onClick={() => void copy(link, 'Link')}>
            <Copy aria-hidden="true" className="size-3.5" />
            Copy link
          </Button>
        </>
      )}
    </div>
  );
}

function Text({ text }: { readonly text: string }): ReactNode {
  return (
    <p dir="auto" className="text-sm break-words whitespace-pre-wrap">
      {piecesOf(text, location.origin).map((piece, at) =>
        piece.kind === 'link' ? (
          <a
            // The text never changes while it is shown.
            key={at}
            href={piece.text}
            target="_blank"
            rel="noopener noreferrer"
            className="rounded-sm break-all underline decoration-edge underline-offset-4 hover:decoration-ink"
          >
            {piece.text}
          </a>
        ) : piece.kind === 'code' ? (
          <button
            key={at}
            type="button"
            title="Copy"
            onClick={() => void copy(piece.text, 'Code')}
            className="rounded bg-sunken px-1.5 font-mono tracking-wider hover:bg-hover"
          >
            {piece.text}
          </button>
        ) : (
          <span key={at}>{piece.text}</span>
        ),
      )}
    </p>
  );
}
