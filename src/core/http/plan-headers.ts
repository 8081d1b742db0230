import { IncomingMessage, ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import type { RoutePlan } from '../context.ts';

/** Names by which node:http decides how to send a body: it must be told of them. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'upgrade',
  'content-length',
  'content-disposition',
  'transfer-encoding',
  'trailer',
  'date',
  'expect',
  'set-cookie',
]);

/** Headers of a plan that can stand in one text; each has a bit. */
const MAX_BITS = 30;
/** Texts that are kept per plan; applications replace the same few headers again and again. */
const MAX_TEXTS = 64;

/** The headers of a plan, made ready for sending; once per route. */
export class PlanHeaders {
  /** Where each name stands in the plan's flat list. */
  readonly places: ReadonlyMap<string, number>;
  readonly #flat: readonly string[];
  /** Bits of the headers that may stand in the text: those of node:http's concern may not. */
  readonly #plain: number;
  readonly #texts = new Map<number, string>();

  constructor(flat: readonly string[]) {
    const places = new Map<string, number>();
    let plain = 0;
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string;
      places.set(name, i);
      if (CAN_JOIN && i < 2 * MAX_BITS && !FRAMING.has(name)) plain |= 1 << (i >> 1);
    }
    this.places = places;
    this.#flat = flat;
    this.#plain = plain;
  }

  /** Whether the header at that place of the flat list is in `textWithout(changed)`. */
  isWithin(place: number, changed: number): boolean {
    return place < 2 * MAX_BITS && (this.#plain & ~changed & (1 << (place >> 1))) !== 0;
  }

  /**
   * The headers as they stand in a message, but those that were changed, whose bits are set.
   * @throws TypeError of node:http when a name or a value cannot be sent
   * @returns `null` when too many combinations were asked for; then each is to be sent by itself
   */
  textWithout(changed: number): string | null {
    const known = this.#texts.get(changed);
    if (known !== undefined) return known;
    if (this.#texts.size >= MAX_TEXTS) return null;
    const lines: string[] = [];
    for (let i = 0; i < this.#flat.length; i += 2) {
      if (!this.isWithin(i, changed)) continue;
      const name = this.#flat[i] as string;
      const value = this.#flat[i + 1] as string;
      validateHeaderName(name);
      validateHeaderValue(name, value);
      lines.push(`${name}: ${value}\r\n`);
    }
    const text = lines.join('');
    this.#texts.set(changed, text);
    return text;
  }
}

const ready = new WeakMap<RoutePlan, PlanHeaders>();

/** A plan's headers. */
export function planHeaders(plan: RoutePlan): PlanHeaders {
  let found = ready.get(plan);
  if (found === undefined) ready.set(plan, (found = new PlanHeaders(plan.headers)));
  return found;
}

interface Headed {
  _header: unknown;
}

/** Whether node:http keeps the head of a response as the text that it will send. */
const CAN_JOIN = canJoin();

function canJoin(): boolean {
  const response = new ServerResponse(new IncomingMessage(undefined as unknown as Socket));
  response.writeHead(200, ['x-a', '1']);
  const { _header: head } = response as unknown as Headed;
  if (typeof head !== 'string' || !/^HTTP\/1\.1 200 OK\r\nx-a: 1\r\n(.+\r\n)*\r\n$/.test(head)) return false;
  joinHead(response, 'x-b: 2\r\n');
  return (response as unknown as Headed)._header === `${head.slice(0, -2)}x-b: 2\r\n\r\n`;
}

/**
 * Puts whole lines under a head that was written but not sent. Twenty headers that never change are one text; node:http
 * alone would look at each of them, and glue five pieces together for each, for every response.
 */
export function joinHead(response: ServerResponse, lines: string): void {
  const headed = response as unknown as { _header: string };
  headed._header = `${headed._header.slice(0, -2)}${lines}\r\n`;
}
