import type { AccessFacts, AccessPrincipal } from '../contract.ts';
import type { Fact } from './model.ts';
import { digitsOf, readNumeric } from './values/decimal.ts';
import { isSqlText, readUuid } from './values/text.ts';
import { type Canonical, typeOf } from './values/types.ts';

/**
 * Reads a fact of a principal. What is read here and what the texts of row-level security read (rls-emitter.ts) is
 * the same, so that both sides agree on what is missing.
 * @returns undefined where the principal lacks it, or it does not fit the type
 */
export function readFact(principal: AccessPrincipal, fact: Fact): Canonical | undefined {
  return readRaw(rawFact(principal, fact), fact);
}

/** The value as the principal carries it. */
export function rawFact(principal: AccessPrincipal, fact: Fact): unknown {
  if (fact.attribute) {
    const { attributes } = principal;
    return attributes !== undefined && Object.hasOwn(attributes, fact.name)
      ? attributes[fact.name]
      : undefined;
  }
  switch (fact.name) {
    case 'id':
      return principal.id;
    case 'tenant':
      return principal.tenant;
    case 'kind':
      return principal.kind;
    default:
      return principal.roles;
  }
}

/** Bounds of whole numbers within texts: every text of so many digits fits the type. */
const INTEGER = /^(?:0|-?[1-9]\d{0,8})$/;
const BIGINT = /^(?:0|-?[1-9]\d{0,17})$/;
const PLAIN = /^-?\d{1,100}(?:\.\d{1,100})?$/;

/** The same for a value that is at hand. */
export function readRaw(raw: unknown, fact: Fact): Canonical | undefined {
  if (raw === undefined || raw === null) return undefined;
  // Row-level security cannot tell an empty name from none.
  if (!fact.attribute && raw === '') return undefined;
  switch (fact.type) {
    case 'text':
      return isSqlText(raw) ? raw : undefined;
    case 'uuid':
      return readUuid(raw);
    case 'boolean':
      return typeof raw === 'boolean' ? raw : undefined;
    case 'integer':
      return wholeOf(raw, INTEGER, fact);
    case 'bigint':
      return wholeOf(raw, BIGINT, fact);
    case 'numeric':
      return decimalOf(raw);
    case 'text[]':
      return Array.isArray(raw) && raw.every(isSqlText) ? raw : undefined;
    case 'date':
    case 'timestamptz':
    case 'integer[]':
      return undefined;
  }
}

function wholeOf(raw: unknown, shape: RegExp, fact: Fact): Canonical | undefined {
  if (typeof raw !== 'string' && (typeof raw !== 'number' || !fact.attribute)) return undefined;
  const text = String(raw);
  return shape.test(text) ? typeOf(fact.type).read(text) : undefined;
}

function decimalOf(raw: unknown): Canonical | undefined {
  if (typeof raw === 'string' ? !PLAIN.test(raw) : typeof raw !== 'number') return undefined;
  const value = readNumeric(raw);
  const digits = value === undefined ? undefined : digitsOf(value);
  return digits && digits.whole <= 100 && digits.part <= 100 ? value : undefined;
}

/** Proofs ahead of the clock by so much still count: clocks of nodes differ. */
export const AHEAD_MS = 60_000;

/** Times of proofs: those of the moment, else those of the principal. */
export function proofsOf(
  principal: AccessPrincipal,
  facts: AccessFacts | undefined,
): Readonly<Record<string, number>> | undefined {
  return facts?.provenAtMs ?? principal.provenAtMs;
}
