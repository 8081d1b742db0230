import { commonHeaders, credentialsOf } from './caller.ts';
import type { CallerPorts, Repeater } from './caller.ts';
import { send } from './transport.ts';

/**
 * Makes the `fetch` of the application's own routes.
 * @param home origin of the server; no other one is called, since it would be handed the token
 * @param page origin of the page, against which paths are read where no base was given
 */
export function appFetch(
  { mode, baseUrl, sending, keeper }: CallerPorts,
  repeater: Repeater,
  home: string,
  page: string | undefined,
): (input: string, init?: RequestInit) => Promise<Response> {
  return async (input, init = {}) => {
    const url = new URL(input, baseUrl === '' ? page : `${home}/`);
    if (url.origin !== home) throw new TypeError('client.fetch: another origin must see no token.');
    const once = (headers: Record<string, string>): Promise<Response> => {
      const all = new Headers(init.headers);
      for (const [name, value] of Object.entries({ ...commonHeaders(mode), ...headers }))
        all.set(name, value);
      return send(sending, url.href, { credentials: credentialsOf(mode, baseUrl), ...init, headers: all });
    };
    // A stream can be read once: such a request is not repeated.
    if (!(init.body instanceof ReadableStream)) return repeater.send(once);
    const token = await keeper.accessToken();
    return once(token === null ? {} : { authorization: `Bearer ${token}` });
  };
}
