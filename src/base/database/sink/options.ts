import { type Fields, flag, number, oneOf } from '../../../core/options.ts';

/** Options of the guard of statements. */
export interface SqlGuardOptions {
  /** `shadow` lets everything through and only tells. Default 'enforce'. */
  readonly mode?: 'enforce' | 'shadow';
  /** The server's `standard_conforming_strings`; off, a backslash escapes in plain literals too. Default true. */
  readonly standardConformingStrings?: boolean;
  /** Statements remembered as static, per generation of two: 100 to 100,000. Default 2,000. */
  readonly maxStatements?: number;
}

/** Readers of {@link SqlGuardOptions}. */
export const sqlGuardFields: Fields<{
  mode: 'enforce' | 'shadow';
  standardConformingStrings: boolean;
  maxStatements: number;
}> = {
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  standardConformingStrings: flag(true),
  maxStatements: number({ min: 100, max: 100_000, default: 2_000 }),
};
