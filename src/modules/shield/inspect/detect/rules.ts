import { CODE_RULES, TEMPLATE_RULES } from './code/rules.ts';
import { COMMAND_RULES } from './command/rules.ts';
import { XSS_RULES } from './html/rules.ts';
import * as other from './other/rules.ts';
import type { Rule } from './rule.ts';
import { SQL_RULES } from './sql/rules.ts';
import { TRAVERSAL_RULES } from './traversal/rules.ts';

/** All rules, class by class. */
export const RULES: readonly Rule[] = [
  SQL_RULES,
  XSS_RULES,
  TRAVERSAL_RULES,
  COMMAND_RULES,
  CODE_RULES,
  TEMPLATE_RULES,
  ...Object.values(other),
].flatMap((rules) => Object.values<Rule>(rules));
