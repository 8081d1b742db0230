import type { ReactNode } from 'react';
import { Code } from '../ui/parts.tsx';

/** Text of the document, with what stands between backticks as code. Never read as HTML. */
export function Prose({ text }: { readonly text: string }): ReactNode {
  return text.split('`').map((part, at) => (at % 2 === 1 ? <Code key={at}>{part}</Code> : part));
}
