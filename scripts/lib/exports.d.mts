/** Subpath and source file of every door, from the repository's root. */
export function doors(root: string): ReadonlyMap<string, string>;
/** The `exports` of package.json. */
export function exportsOf(
  root: string,
): Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
