import type { KnownFields } from './declared.ts';
import type { Acting } from './exclusions.ts';
import type { FieldDeclaration, ResolvedInspection } from './options.ts';
import type { Signal } from './types.ts';

/** Options in the shape in which they are asked. */
export interface Policy {
  readonly options: ResolvedInspection;
  readonly fields: ReadonlyMap<string, FieldDeclaration>;
  /** What the schemas of the request's route say; the options' own words come first. */
  readonly known?: KnownFields;
  /** What is left out at present beside the options: replaced while the guard runs, and shared by what is made of this policy. */
  readonly live: { acting: readonly Acting[] };
  /**
   * User agents that did not interest any detector here: asked for again and again. What is off here is not off elsewhere.
   * None whose findings only a live exclusion left out: once that is withdrawn, it is looked at again.
   */
  readonly calmAgents: Set<string>;
  /** Whether a signal does not count where it was seen. */
  excludes(signal: Signal, name: string): boolean;
}

/** Compiles options once per route. */
export function compilePolicy(options: ResolvedInspection): Policy {
  const off = new Set<string>(options.off);
  const { exclude } = options;
  return {
    options,
    fields: new Map(Object.entries(options.fields)),
    live: { acting: [] },
    calmAgents: new Set(),
    excludes(signal, name) {
      if (off.has(signal.class)) return true;
      if (exclude.length === 0) return false;
      return exclude.some(
        ({ field, rules }) =>
          (field === undefined || field === name) &&
          (rules === undefined || rules.includes(signal.rule) || rules.includes(signal.class)),
      );
    },
  };
}
