import { CODE_EXAMPLES, TEMPLATE_EXAMPLES } from './test-code.ts';
import { COMMAND_EXAMPLES, TRAVERSAL_EXAMPLES } from './test-files.ts';
import * as other from './test-other.ts';
import { SQL_EXAMPLES } from './test-sql.ts';
import { XSS_EXAMPLES } from './test-xss.ts';
import type { Example } from './test-example.ts';

const BY_CLASS: Readonly<Record<string, Readonly<Record<string, Example>>>> = {
  sql: SQL_EXAMPLES,
  xss: XSS_EXAMPLES,
  traversal: TRAVERSAL_EXAMPLES,
  command: COMMAND_EXAMPLES,
  code: CODE_EXAMPLES,
  template: TEMPLATE_EXAMPLES,
  nosql: other.NOSQL_EXAMPLES,
  xxe: other.XXE_EXAMPLES,
  ssi: other.SSI_EXAMPLES,
  ldap: other.LDAP_EXAMPLES,
  crlf: other.CRLF_EXAMPLES,
  ssrf: other.SSRF_EXAMPLES,
  pollution: other.POLLUTION_EXAMPLES,
  scanner: other.SCANNER_EXAMPLES,
};
/** Examples of all rules, by the rule's whole id. */
export const EXAMPLES: ReadonlyMap<string, Example> = new Map(
  Object.entries(BY_CLASS).flatMap(([name, list]) =>
    Object.entries(list).map(([id, example]) => [`${name}.${id}`, example]),
  ),
);
