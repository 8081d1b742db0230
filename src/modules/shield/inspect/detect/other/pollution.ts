import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { POLLUTION_RULES as R } from './rules.ts';

const PLACES = /^(?:\[|\]|\.|"|'|\\|:|=|%5b|$)/;

/** Keys that reach the prototype of all objects: `__proto__`, `constructor.prototype`. */
export function detectPollution(value: string, where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if ((has & HAS.underscore) !== 0) proto(lower, words, where, out);
  if (!lower.includes('constructor')) return;
  const chained =
    lower.includes('constructor[prototype') ||
    lower.includes('constructor.prototype') ||
    lower.includes('constructor][prototype') ||
    lower.includes('constructor"]["prototype');
  if (chained && (where.place === 'name' || words <= 4))
    out.add(where.place === 'name' ? R['proto-name'] : R['proto-text']);
  else if (/"constructor"\s?:\s?\{\s?"prototype/.test(lower.slice(0, 4000))) out.add(R['proto-text']);
}

function proto(lower: string, words: number, where: Where, out: Signals): void {
  for (let at = lower.indexOf('__proto__'); at >= 0; at = lower.indexOf('__proto__', at + 9)) {
    if (where.place === 'name') return out.add(R['proto-name']);
    if (words <= 4 && PLACES.test(lower.slice(at + 9, at + 12))) return out.add(R['proto-text']);
  }
  for (const name of ['__definegetter__', '__definesetter__', '__lookupgetter__'])
    if (lower.includes(name)) return out.add(R['proto-text']);
}
