import { NotFoundError } from '../../../core/errors.ts';
import type { ApiPorts } from '../ports.ts';
import { route, type Route } from '../route.ts';

const DAY_MS = 86_400_000;
/** RFC 9116 wants less than a year. */
const VALID_DAYS = 180;

/** Where to report a weakness (RFC 9116). */
export function wellKnownRoutes(ports: ApiPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/.well-known/security.txt',
      access: 'public',
      tag: 'Pages',
      summary: 'Read where to report a weakness',
      about: 'RFC 9116. 404 where no contact is configured.',
      answer: { status: 200, about: 'Contacts.', type: 'text/plain' },
      refusals: [404],
      handle: () => {
        const { securityContacts, publicUrl } = ports.facts;
        if (securityContacts.length === 0) throw new NotFoundError('No contact is configured.');
        // Whole days, so that the text is the same all day long.
        const expires = (Math.floor(ports.clock.now() / DAY_MS) + VALID_DAYS) * DAY_MS;
        const lines = [
          ...securityContacts.map((contact) => `Contact: ${contact.replaceAll(/[\r\n]/g, '')}`),
          `Expires: ${new Date(expires).toISOString()}`,
          'Preferred-Languages: en',
          ...(publicUrl === undefined
            ? []
            : [`Canonical: ${new URL('/.well-known/security.txt', publicUrl).href}`]),
        ];
        return new Response(`${lines.join('\n')}\n`, {
          headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=3600' },
        });
      },
    }),
  ];
}
