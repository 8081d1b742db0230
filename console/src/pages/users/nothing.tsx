import type { ReactNode } from 'react';

/** A part of a panel that has nothing to show, said in a line. */
export function Nothing({ children }: { readonly children: ReactNode }): ReactNode {
  return <p className="border-t border-line px-4 py-5 text-sm text-faint">{children}</p>;
}
