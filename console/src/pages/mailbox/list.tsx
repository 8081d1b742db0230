import { Mail, MessageSquare } from 'lucide-react';
import type { ReactNode } from 'react';
import type { MailboxMessage } from '../../../../src/server/api/user-types.ts';
import { plural } from '../../format/number.ts';
import { Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';

/** Messages, newest first. */
export function MessageList({
  messages,
  shown,
  onShow,
  more,
}: {
  readonly messages: readonly MailboxMessage[];
  readonly shown: string | undefined;
  readonly onShow: (id: string) => void;
  readonly more: ReactNode;
}): ReactNode {
  return (
    <Panel
      title="Messages"
      note={<span role="status">{plural(messages.length, 'message')}, kept instead of sent</span>}
      flush
    >
      <ul className="quiet-scroll border-t border-line lg:max-h-[calc(100dvh-13rem)] lg:overflow-y-auto">
        {messages.map((message) => (
          <li key={message.id} className="border-b border-line last:border-0">
            <Row message={message} isShown={message.id === shown} onShow={() => onShow(message.id)} />
          </li>
        ))}
      </ul>
      {more !== false && <div className="border-t border-line p-3 text-center">{more}</div>}
    </Panel>
  );
}

function Row({
  message,
  isShown,
  onShow,
}: {
  readonly message: MailboxMessage;
  readonly isShown: boolean;
  readonly onShow: () => void;
}): ReactNode {
  const { channel, to, subject, text, atMs } = message;
  const Icon = channel === 'sms' ? MessageSquare : Mail;
  return (
    <button
      type="button"
      data-row
      aria-current={isShown}
      onClick={onShow}
      className="flex w-full items-start gap-3 px-4 py-2.5 text-left text-sm -outline-offset-2 hover:bg-hover lg:aria-[current=true]:bg-sunken"
    >
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-mute" />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline justify-between gap-3">
          <span dir="auto" className="truncate font-medium">
            {subject ?? 'SMS'}
          </span>
          <span className="shrink-0 text-xs text-faint">
            <When atMs={atMs} />
          </span>
        </span>
        <span className="block truncate text-xs text-mute">to {to}</span>
        <span dir="auto" className="block truncate text-xs text-faint">
          {text.slice(0, 120)}
        </span>
      </span>
    </button>
  );
}
