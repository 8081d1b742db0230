import type { ReactNode } from 'react';
import { Mark } from './mark.tsx';

/** A page of one thought, in the middle, for whoever is not in the console. */
export function Centred({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-8">
      <div className="w-full max-w-sm">
        <Mark className="mb-8 size-9" />
        {children}
      </div>
    </main>
  );
}
