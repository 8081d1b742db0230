/** What a platform package's name says of the machine that it is for; `undefined` for other packages. */
export function platformOf(
  name: string,
):
  | { readonly cpu: readonly string[]; readonly libc?: readonly string[]; readonly os: readonly string[] }
  | undefined;
/** The entries that a lock file lacks, by their place in node_modules. */
export function missingEntries(
  packages: Readonly<Record<string, unknown>>,
): Readonly<Record<string, { readonly version: string; readonly optional: true }>>;
