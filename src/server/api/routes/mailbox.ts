import { z } from 'zod';
import { NotFoundError } from '../../../core/errors.ts';
import type { Mailbox } from '../../../modules/identity/notify/index.ts';
import { cursor } from '../auth-schemas.ts';
import type { ApiPorts } from '../ports.ts';
import { empty, json, route, type Route } from '../route.ts';
import type { MailboxAnswer, MailboxMessage } from '../user-types.ts';

const PAGE = 50;
const message = z.object({
  id: z.string(),
  channel: z.enum(['mail', 'sms']),
  to: z.string(),
  subject: z.string().nullable(),
  text: z.string(),
  html: z.string().nullable(),
  kind: z.string(),
  atMs: z.int(),
}) satisfies z.ZodType<MailboxMessage>;
const answer = z.object({
  messages: z.array(message),
  nextCursor: z.string().nullable(),
}) satisfies z.ZodType<MailboxAnswer>;

/** Mails and messages that were kept instead of being sent: for development, and for administrators alone. */
export function mailboxRoutes(ports: ApiPorts): readonly Route[] {
  const shared = { path: '/admin/mailbox', access: 'admin', tag: 'Mailbox' } as const;
  return [
    route({
      ...shared,
      method: 'GET',
      summary: 'Read mails and messages that were not sent',
      about: 'In development. 404 where mails go out.',
      query: z.strictObject({ cursor: cursor.optional() }),
      answer: { status: 200, about: 'Newest first.', schema: answer },
      refusals: [404],
      handle: async ({ query }) => {
        const found = await opened(ports).list({ limit: PAGE, cursor: query.cursor });
        const { messages, nextCursor } = found;
        return json({ messages, nextCursor } satisfies MailboxAnswer);
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      summary: 'Empty the mailbox',
      answer: { status: 204, about: 'Empty.' },
      refusals: [404],
      handle: async () => {
        await opened(ports).empty();
        return empty();
      },
    }),
  ];
}

function opened({ mailbox }: ApiPorts): Mailbox {
  if (!mailbox) throw new NotFoundError('Mails are sent here, not kept.');
  return mailbox;
}
