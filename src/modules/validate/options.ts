import { OptionsError } from '../../core/errors.ts';
import { parsePattern } from '../../core/route.ts';
import { custom, type Fields, flag, list, number, oneOf, readOptions, text } from '../../core/options.ts';
import type { ValidateOptions } from '../../core/validation.ts';

export type { ValidateOptions } from '../../core/validation.ts';

/** With every default filled in. */
export type ReadValidateOptions = Required<Omit<ValidateOptions, 'route'>> & {
  readonly route: readonly string[];
};

const MIB = 1_048_576;

const FIELDS: Fields<ReadValidateOptions> = {
  unknown: oneOf(['strip', 'refuse', 'schema'], 'strip'),
  route: custom('pattern such as POST /orders/:id, or a list of such', readRoutes, true),
  duplicates: oneOf(['refuse', 'first', 'last', 'list'], 'refuse'),
  lists: list(text({ max: 100 }), { atMost: 100, default: [] }),
  clash: oneOf(['refuse', 'allow'], 'refuse'),
  forms: flag(false),
  maxBodyBytes: number({ min: 1, max: 16 * MIB, default: 102_400 }),
  maxDepth: number({ min: 1, max: 200, default: 32 }),
  maxKeys: number({ min: 1, max: 10_000, default: 1_000 }),
  maxItems: number({ min: 1, max: 1_000_000, default: 10_000 }),
  maxValues: number({ min: 1, max: 1_000_000, default: 20_000 }),
  maxTextLength: number({ min: 1, max: 16 * MIB, default: 65_536 }),
};

const MAX_ROUTES = 100;

function readRoutes(given: unknown, path: string): readonly string[] {
  const routes = given === undefined ? [] : [given].flat();
  const isPattern = (one: unknown): boolean => typeof one === 'string' && parsePattern(one) !== undefined;
  if (routes.length > MAX_ROUTES || !routes.every(isPattern))
    throw new OptionsError(path, `expected at most ${MAX_ROUTES} patterns such as POST /orders/:id`);
  return routes as string[];
}

/** @throws OptionsError naming the path and the reason */
export function readValidateOptions(given: ValidateOptions = {}): ReadValidateOptions {
  return readOptions<ReadValidateOptions>('validate', given, FIELDS);
}
