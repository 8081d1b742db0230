import type { EventSink } from '../../../core/events.ts';
import { readOptions } from '../../../core/options.ts';
import { SqlInjectionError } from './errors.ts';
import { searchInputs } from './find.ts';
import type { RequestInput, RequestInputs } from './inputs.ts';
import { handlerInputs } from './scope.ts';
import { normalizeSql, skeletonOf } from './normal.ts';
import { type SqlGuardOptions, sqlGuardFields } from './options.ts';
import { SeenTexts } from './seen.ts';
import { type SqlTokens, tokenizeSql } from './tokens.ts';

/** Live objects of the guard. */
export interface SqlGuardPorts {
  /**
   * Values of the request in whose course a statement is sent; `undefined` outside of requests. Default: of the request
   * whose handler an adapter of this process runs.
   */
  readonly inputs?: () => RequestInputs | undefined;
  readonly events?: EventSink;
}

/** Stands before a database. */
export interface SqlGuard {
  /** @throws SqlInjectionError when a value of the present request changes the structure of the statement */
  check(text: string): void;
}

const MAX_CHARACTERS = 2 * 1024 * 1024;
const MAX_EVENT_TEXT = 500;
const MAX_EVENT_NAME = 60;

/**
 * Makes the guard of a database: a statement in which a value of the request spans more than its own token is refused
 * before the server sees it, whatever framework or query builder wrote it (OWASP ASVS 5.0 1.2.4, CWE-89). Parameters never
 * matter, since they are not part of the text.
 *
 * A statement whose tokens were accepted before, values apart, needs no look at the request: a value cannot change a
 * structure into itself. Text that came into the database earlier and is put into a statement now (second order) is not
 * known as a value of the request and passes.
 * @throws OptionsError
 */
export function sqlGuard(options: SqlGuardOptions = {}, ports: SqlGuardPorts = {}): SqlGuard {
  const { mode, standardConformingStrings, maxStatements } = readOptions('sqlGuard', options, sqlGuardFields);
  const inputs = ports.inputs ?? handlerInputs();
  const limits = { maxTexts: maxStatements, maxCharacters: MAX_CHARACTERS };
  const texts = new SeenTexts(limits);
  const skeletons = new SeenTexts(limits);

  function judge(text: string): void {
    const tokens = tokenizeSql(text, { standardConformingStrings });
    const skeleton = skeletonOf(tokens);
    if (!skeletons.has(skeleton)) {
      const { suspicion, clean } = look(tokens, inputs());
      if (suspicion !== undefined) {
        tell(tokens, suspicion, mode, ports.events);
        if (mode === 'enforce') throw new SqlInjectionError();
      }
      if (!clean) return;
      skeletons.add(skeleton);
    }
    texts.add(text);
  }

  return {
    check(text) {
      if (!texts.has(text)) judge(text);
    },
  };
}

/** Why a statement is refused: a value, or more of them than can be looked through. */
type Suspicion = RequestInput | 'unknown';

/** Looks for the request's values. `clean` where the statement's structure may be remembered as the application's own. */
function look(
  tokens: SqlTokens,
  request: RequestInputs | undefined,
): { readonly suspicion?: Suspicion; readonly clean: boolean } {
  if (request === undefined) return { clean: !tokens.unterminated };
  const { inputs, complete } = request.list();
  const { injection, clean } = searchInputs(tokens, inputs, request.work);
  if (injection !== undefined) return { suspicion: injection.input ?? 'unknown', clean: false };
  if (!complete) return { suspicion: 'unknown', clean: false };
  // What the server will not take teaches nothing.
  return { clean: clean && !tokens.unterminated };
}

function tell(
  tokens: SqlTokens,
  found: Suspicion,
  mode: 'enforce' | 'shadow',
  events: EventSink | undefined,
): void {
  const where = found === 'unknown' ? 'too many values' : nameOf(found);
  events?.emit('SQL_INJECTION_ATTEMPT', {
    outcome: mode === 'enforce' ? 'refused' : 'success',
    details: { statement: normalizeSql(tokens, MAX_EVENT_TEXT), input: where, mode },
  });
}

/** `query sort`: names are the caller's too, so only what a name is made of is kept. */
function nameOf({ place, name }: RequestInput): string {
  const plain = name.replaceAll(/[^\w.-]/g, '').slice(0, MAX_EVENT_NAME);
  return plain === '' ? place : `${place} ${plain}`;
}
