import { SqlInjectionError, sqlGuard, type SqlGuard } from '../../src/base/database/sink/index.ts';
import { requestInputs, type RequestInputs } from '../../src/base/database/sink/inputs.ts';
import { TOKEN, type TokenKind, tokenizeSql } from '../../src/base/database/sink/tokens.ts';
import { CHANGES, QUOTED, quoteLiteral, type Slot, SLOTS } from './slots.ts';

/** A guard with a request that can be exchanged. */
export interface Stand {
  readonly guard: SqlGuard;
  /** @returns whether the statement was refused when the request carried the value */
  refuses(text: string, request: RequestInputs | undefined): boolean;
}

/** Makes a guard that has seen nothing. */
export function stand(): Stand {
  let present: RequestInputs | undefined;
  const guard = sqlGuard({}, { inputs: () => present });
  return {
    guard,
    refuses(text, request) {
      present = request;
      try {
        guard.check(text);
        return false;
      } catch (error) {
        if (error instanceof SqlInjectionError) return true;
        throw error;
      }
    },
  };
}

const HEADERS = ['host', 'shop.example', 'user-agent', 'Mozilla/5.0 (X11; Linux x86_64)', 'accept', '*/*'];

/** Ways in which a value reaches an application. */
export const DELIVERIES: readonly ((value: string) => RequestInputs)[] = [
  (value) => requestInputs({ target: `/find?q=${encodeURIComponent(value)}`, rawHeaders: () => HEADERS }),
  (value) =>
    requestInputs({ target: '/find', rawHeaders: () => HEADERS, body: () => ({ filter: [{ value }] }) }),
  (value) => requestInputs({ target: '/find', rawHeaders: () => [...HEADERS, 'x-tenant', value] }),
  (value) =>
    requestInputs({
      target: `/find/${encodeURIComponent(encodeURIComponent(value))}`,
      rawHeaders: () => HEADERS,
    }),
  (value) =>
    requestInputs({
      target: '/find',
      rawHeaders: () => [...HEADERS, 'cookie', `a=1; s=${encodeURIComponent(JSON.stringify({ value }))}`],
    }),
  (value) =>
    requestInputs({
      target: `/find?f=${encodeURIComponent(Buffer.from(value).toString('base64'))}`,
      rawHeaders: () => HEADERS,
    }),
];

/** What became of a set of attacks. */
export interface AttackCount {
  /** Statements whose structure an attack changed. */
  readonly reached: number;
  readonly caught: number;
  /** Statements whose structure stayed, and that were refused nevertheless. */
  readonly alarms: readonly string[];
  readonly missed: readonly string[];
}

const NAMES: ReadonlySet<TokenKind> = new Set([TOKEN.word, TOKEN.quotedWord]);
const VALUES: ReadonlySet<TokenKind> = new Set([
  TOKEN.string,
  TOKEN.dollarString,
  TOKEN.number,
  TOKEN.parameter,
]);

/**
 * What counts as a statement's structure here, told otherwise than the guard does it: how many names and values stand where,
 * between which signs and comments.
 */
function shapeOf(text: string): string {
  const { kinds, starts, unterminated } = tokenizeSql(text);
  const parts = kinds.map((kind, i) => {
    if (kind === TOKEN.space) return '';
    if (kind === TOKEN.lineComment) return '--';
    if (kind === TOKEN.blockComment) return '/**/';
    return NAMES.has(kind) || VALUES.has(kind) ? 'x ' : `${text.slice(starts[i], starts[i + 1])} `;
  });
  return parts.join('') + (unterminated ? 'open' : '');
}

/** Tries every attack in every slot, after every change that an application may make. */
export function tryAttacks(attacks: readonly string[], warm: boolean): AttackCount {
  let reached = 0;
  let caught = 0;
  const alarms: string[] = [];
  const missed: string[] = [];
  let turn = 0;
  for (const slot of SLOTS) {
    const own = warm ? warmed(slot) : undefined;
    for (const attack of attacks) {
      for (const { name, change } of CHANGES) {
        const text = slot.write(change(attack));
        if (name !== 'as it is' && change(attack) === attack) continue;
        const delivery = DELIVERIES[turn++ % DELIVERIES.length] as (typeof DELIVERIES)[0];
        const refused = (own ?? stand()).refuses(text, delivery(attack));
        if (!changesShape(slot, text, change(attack))) {
          if (refused)
            alarms.push(`${slot.name} / ${name}: ${JSON.stringify(attack)} → ${text.slice(0, 200)}`);
          continue;
        }
        reached++;
        if (refused) caught++;
        else missed.push(`${slot.name} / ${name}: ${JSON.stringify(attack)} → ${text.slice(0, 200)}`);
      }
    }
  }
  return { reached, caught, alarms, missed };
}

const LIST = /^\s*[\w.]+(?:\s+(?:asc|desc))?(?:\s*,\s*[\w.]+(?:\s+(?:asc|desc))?)*\s*$/i;

/** Whether a value changed a statement: one word or number for another, and in an order a list of names, is what it is for. */
export function changesShape(slot: Slot, text: string, value: string): boolean {
  if (/^\s*[-+]?[\w.]*\s*$/.test(value) || (slot.name === 'order' && LIST.test(value))) return false;
  return shapeOf(text) !== shapeOf(slot.write(slot.neutral));
}

function warmed(slot: Slot): Stand {
  const own = stand();
  own.refuses(slot.write(slot.neutral), undefined);
  return own;
}

/** How often honest values were refused. */
export interface AlarmCount {
  readonly statements: number;
  readonly alarms: readonly string[];
}

/** Honest values as parameters: in the request, not in the text. */
export function asParameters(values: readonly string[]): AlarmCount {
  const own = stand();
  return count(values, own, [() => 'SELECT id, name FROM people WHERE name = $1 AND active = true']);
}

/** Honest values as literals, rightly quoted. @param warm whether the statements had been seen before with another value */
export function asLiterals(values: readonly string[], warm: boolean): AlarmCount {
  if (!warm) return count(values, undefined, QUOTED);
  const own = stand();
  for (const write of QUOTED) {
    own.refuses(write(quoteLiteral('anna')), undefined);
    own.refuses(write(quoteLiteral('a\\b')), undefined);
  }
  return count(values, own, QUOTED);
}

function count(
  values: readonly string[],
  own: Stand | undefined,
  statements: readonly ((literal: string) => string)[],
): AlarmCount {
  const alarms: string[] = [];
  values.forEach((value, i) => {
    const delivery = DELIVERIES[i % 3] as (typeof DELIVERIES)[0];
    for (const write of statements) {
      const text = write(quoteLiteral(value));
      if ((own ?? stand()).refuses(text, delivery(value))) alarms.push(`${JSON.stringify(value)} → ${text}`);
    }
  });
  return { statements: values.length * statements.length, alarms };
}
