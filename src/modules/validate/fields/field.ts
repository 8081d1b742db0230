import type { StandardIssue, StandardSchema } from '../../../core/standard-schema.ts';
import type { Described } from '../shape/shape.ts';

/** What a ready field says of a value that does not fit. */
export interface FieldRefusal {
  /** Listed in docs/errors.md. */
  readonly code: string;
  /** For the caller; never the value. */
  readonly message: string;
}

/** Says what does not fit: a code of docs/errors.md, and words that never hold the value. */
export function misfit(code: string, message: string): FieldRefusal {
  return { code, message };
}

/** What a field makes of a value. */
export type FieldAnswer<T> = { readonly value: T } | FieldRefusal;

/** A ready field: a schema of its own, and a part of schemas of other libraries. */
export interface ReadyField<T, Input = string> extends StandardSchema<Input, T> {
  /** Reads one value. Never throws; a promise only where the field has to ask somebody. */
  readonly read: (value: unknown) => FieldAnswer<T> | Promise<FieldAnswer<T>>;
  /** What the field takes, as JSON Schema. */
  readonly described: Described;
}

/** Makes a field of a reader. */
export function field<T, Input = string>(
  described: Described,
  read: (value: unknown) => FieldAnswer<T> | Promise<FieldAnswer<T>>,
): ReadyField<T, Input> {
  const props = {
    version: 1 as const,
    vendor: 'rampart',
    validate(value: unknown) {
      const answer = read(value);
      return answer instanceof Promise ? answer.then(resultOf) : resultOf(answer);
    },
    jsonSchema: { input: () => described },
  };
  return { '~standard': props, read, described };
}

type Result<T> = { readonly value: T } | { readonly issues: readonly [StandardIssue] };

function resultOf<T>(answer: FieldAnswer<T>): Result<T> {
  if ('value' in answer) return { value: answer.value };
  return { issues: [issueOf(answer)] };
}

/** A refusal as an issue; the code stands where zod's own issues have theirs. */
export function issueOf({ code, message }: FieldRefusal): StandardIssue {
  return { message, params: { code } } as StandardIssue;
}

/** A value that is no text. */
export const NO_TEXT: FieldRefusal = misfit('WRONG_TYPE', 'Must be a text.');

/** A text of bounded length, composed to the form in which equal texts are equal; otherwise undefined. */
export function textOf(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string' || value.length > maxLength * 4 || !value.isWellFormed()) return undefined;
  const text = value.normalize('NFC').trim();
  return text.length <= maxLength ? text : undefined;
}

/** Characters of a text as people count them, near enough: code points. */
export function countOf(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc_00) !== 0xdc_00) count++;
  return count;
}
