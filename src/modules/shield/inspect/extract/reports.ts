import type { ValueSink } from './sink.ts';

/** What browsers quote in their reports, by type and path; the keys are theirs. */
const QUOTED: Readonly<Record<string, RegExp | undefined>> = {
  'application/csp-report':
    /^csp-report\.(?:blocked-uri|document-uri|referrer|source-file|script-sample|original-policy|violated-directive|effective-directive)$/,
  'application/reports+json':
    /^(?:url|user_agent|body\.(?:blockedURL|documentURL|referrer|referrer_url|sourceFile|sample|originalPolicy|effectiveDirective|message|reason|url|policy|stack))$/,
};

/**
 * Where values of a browser's report go: what it quotes of an attempted attack must not be lost for that, and whatever else
 * comes under its type is looked at.
 * @param type the media type
 */
export function reportSink(type: string, sink: ValueSink): ValueSink {
  const quoted = Object.hasOwn(QUOTED, type) ? QUOTED[type] : undefined;
  if (quoted === undefined) return sink;
  return {
    suspect(value, place, name) {
      if (place !== 'json' || !quoted.test(name)) sink.suspect(value, place, name);
    },
    problem: (problem) => sink.problem(problem),
  };
}
