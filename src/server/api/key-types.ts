import type { RotationProgress } from '../keys/rotation.ts';
import type { KeyView } from '../keys/rows.ts';

export type { RotationProgress } from '../keys/rotation.ts';
export type { KeyState, KeyView } from '../keys/rows.ts';

/** Answer of GET /admin/keys. */
export interface KeysAnswer {
  /** The newest of each purpose first. */
  readonly keys: readonly KeyView[];
  /** The newest of each purpose. */
  readonly rotations: readonly RotationProgress[];
}

/** Answer of GET /admin/keys/:purpose/fields. */
export interface KeyFieldsAnswer {
  readonly purpose: KeyView['purpose'];
  /** Fields under each key; those that no key has made count under an empty name. */
  readonly fields: Readonly<Record<string, number>>;
}
