import type { Place, Where } from '../../types.ts';

/** An attack that a rule must see, and something honest that comes near and that it must not see. */
export interface Example {
  readonly attack: string;
  readonly near: string;
  /** Where both stand; a query parameter by default. */
  readonly place?: Place;
  readonly name?: string;
}

/** Examples of all rules of a class, by the id of the rule. */
export type Examples<Rules> = Readonly<Record<keyof Rules, Example>>;

/** The place of an example. */
export function whereOf(example: Example): Where {
  return { place: example.place ?? 'query', name: example.name ?? 'q' };
}
