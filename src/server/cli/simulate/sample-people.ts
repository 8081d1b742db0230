import type { Answer, Sent } from './send.ts';
import { ACCOUNT_APP } from './stolen.ts';
import type { Stage } from './stage.ts';
import type { Survey } from './survey.ts';

/** Headers of an application that somebody is signed in to. */
export type SignedHeaders = Readonly<Record<string, string>>;

const ORDER = { items: [{ name: 'Mint tea', quantity: 1 }] };

/** Why nobody can become a customer, or `undefined`. */
export const lacksSample = (survey: Survey): string | undefined =>
  survey.has('POST', '/sample/sign-in') ? undefined : 'the server has no sample application (/sample)';

/** The same where one actor speaks from many addresses. */
export const lacksRoaming = (survey: Survey): string | undefined =>
  lacksSample(survey) ??
  (survey.roams ? undefined : 'it needs to speak from many addresses (--behind-proxy)');

/** A request with a body of JSON. @param as address to speak from */
export function posted(path: string, body: unknown, headers: SignedHeaders, as?: string): Sent {
  return {
    method: 'POST',
    path,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(as === undefined ? {} : { as }),
  };
}

/** Signs in as a new customer of the sample application. @returns the headers that customer sends */
export async function becomeCustomer(stage: Stage, name: string, as?: string): Promise<SignedHeaders> {
  const who = { name: `${name} ${stage.chance.word(8)}` };
  const token = textOf(await stage.ask(posted('/sample/sign-in', who, ACCOUNT_APP, as)), 'token');
  return { ...ACCOUNT_APP, authorization: `Bearer ${token}` };
}

/** Places an order. @returns its path */
export async function placeOrder(stage: Stage, headers: SignedHeaders, as?: string): Promise<string> {
  const id = textOf(await stage.ask(posted('/sample/orders', ORDER, headers, as)), 'id');
  return `/sample/orders/${encodeURIComponent(id)}`;
}

/** A text of an answer, such as `token` or `user.id`; empty where it has none. */
export function textOf({ text }: Answer, path: string): string {
  try {
    const found = path
      .split('.')
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | null)?.[name], JSON.parse(text));
    return typeof found === 'string' ? found : '';
  } catch {
    return '';
  }
}
