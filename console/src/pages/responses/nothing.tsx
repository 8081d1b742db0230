import { ShieldCheck, ShieldQuestion } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LedgerFilter, ResponsesAnswer } from '../../api/responses.ts';
import { Empty } from '../../ui/parts.tsx';

/** An empty ledger, and what that means. */
export function Nothing({
  filter,
  mode,
}: {
  readonly filter: LedgerFilter;
  readonly mode: ResponsesAnswer['mode'];
}): ReactNode {
  if (filter.tab !== 'all' || filter.responder !== '' || filter.q !== '')
    return (
      <Empty icon={<ShieldQuestion className="size-4" />} title="None here">
        No response is of this kind and state.
      </Empty>
    );
  return (
    <Empty icon={<ShieldCheck className="size-4" />} title="Nothing had to be done">
      {mode === 'enforce'
        ? 'What detectors see begins a response by itself: for a while, on a part first, and never beyond its budget. '
        : 'What detectors would have done is written down here. '}
      People can start one at any time. Each ends by itself, and is undone with one click.
    </Empty>
  );
}
