import type { ReactNode } from 'react';
import { AskDialog as AnyAskDialog } from '../../ui/ask-dialog.tsx';
import type { Ask } from '../../ui/ask-dialog.tsx';

export { Refusal } from '../../ui/ask-dialog.tsx';
export type { Ask } from '../../ui/ask-dialog.tsx';

/** Asks once before an act on access, and shows anew what it changed. */
export function AskDialog<T>(props: { readonly ask: Ask<T>; readonly onClose: () => void }): ReactNode {
  return <AnyAskDialog refresh="access" {...props} />;
}
