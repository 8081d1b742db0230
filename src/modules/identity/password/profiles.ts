import type { PasswordProfile } from './options.ts';
import { countCodePoints } from './text.ts';

/** What a profile asks for. */
export interface ProfileRules {
  /** Code points where the password is the only factor. */
  readonly minLength: number;
  /** Code points where a second factor is enforced. */
  readonly minLengthWithSecondFactor: number;
  /** Kinds of characters that must be there, in words; empty: none. */
  readonly needs: readonly { readonly words: string; readonly pattern: RegExp }[];
  /** Clauses of standards that the profile breaks, in words. */
  readonly warnings: readonly string[];
}

const NO_COMPOSITION =
  'kinds of characters are required: NIST SP 800-63B-4 section 3.1.1.2 (5) and OWASP ASVS 5.0 6.2.5 forbid it';

/** The profiles. Every one of them also refuses common passwords and names. */
export const PROFILES: Readonly<Record<PasswordProfile, ProfileRules>> = {
  'nist-800-63b-4': { minLength: 15, minLengthWithSecondFactor: 8, needs: [], warnings: [] },
  composition: {
    minLength: 8,
    minLengthWithSecondFactor: 8,
    needs: [
      { words: 'a lower-case letter', pattern: /\p{Ll}/u },
      { words: 'an upper-case letter', pattern: /\p{Lu}/u },
      { words: 'a digit', pattern: /\p{Nd}/u },
      { words: 'a character that is neither a letter nor a digit', pattern: /[^\p{L}\p{M}\p{Nd}]/u },
    ],
    warnings: [
      NO_COMPOSITION,
      '8 characters are enough without a second factor: NIST SP 800-63B-4 section 3.1.1.2 (1) asks for 15',
    ],
  },
  'pci-4.0.1': {
    minLength: 12,
    minLengthWithSecondFactor: 12,
    needs: [
      { words: 'a letter', pattern: /\p{L}/u },
      { words: 'a digit', pattern: /\p{Nd}/u },
    ],
    warnings: [
      NO_COMPOSITION,
      '12 characters are enough without a second factor: NIST SP 800-63B-4 section 3.1.1.2 (1) asks for 15',
    ],
  },
};

/**
 * Sentences for the start of the house: clauses of NIST SP 800-63B-4 and OWASP ASVS 5.0 that a profile breaks. None for
 * `nist-800-63b-4`.
 */
export function policyWarnings(profile: PasswordProfile): readonly string[] {
  return PROFILES[profile].warnings.map((warning) => `Password profile '${profile}': ${warning}.`);
}

/** Kinds of characters that a password lacks, in words. */
export function lacking(rules: ProfileRules, nfc: string): readonly string[] {
  return rules.needs.filter(({ pattern }) => !pattern.test(nfc)).map(({ words }) => words);
}

/** Code points that are missing to the least length; 0 when there are enough. */
export function missingLength(rules: ProfileRules, nfc: string, secondFactor: boolean): number {
  const least = secondFactor ? rules.minLengthWithSecondFactor : rules.minLength;
  return Math.max(0, least - countCodePoints(nfc));
}
