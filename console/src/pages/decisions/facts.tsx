import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { BlockKind, DecisionAnswer, FilterField } from '../../../../src/server/api/types.ts';
import { BLOCK_WORDS, splitTarget } from '../../format/block.ts';
import { millis } from '../../format/number.ts';
import { BlockButton } from '../../ui/block-button.tsx';
import { Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';

/** What is known of the request. Values that can be searched for lead to the decisions that share them. */
export function Facts({ decision }: { readonly decision: DecisionAnswer }): ReactNode {
  const { address, group, principal, userAgent, route, method, status, block, targets } = decision;
  const targetOf = (kind: BlockKind): string | undefined => targets.find((one) => one.kind === kind)?.target;
  return (
    <Panel title="Request">
      <dl className="space-y-2 text-sm">
        <Fact name="Address" value={address} field="address" target={targetOf('address')} />
        {group !== address && (
          <Fact name="Counted as" value={group} field="group" target={targetOf('range')} />
        )}
        {(['asn', 'country'] as const).map((kind) => (
          <Seen key={kind} kind={kind} target={targetOf(kind)} />
        ))}
        <Fact name="Principal" value={principal} field="principal" target={targetOf('user')} />
        {(['session', 'device'] as const).map((kind) => (
          <Seen key={kind} kind={kind} target={targetOf(kind)} />
        ))}
        <Fact name="Route" value={route} field="route" />
        <Fact name="Method" value={method} field="method" />
        <Fact name="Status" value={String(status)} field="status" />
        <Fact name="Code" value={decision.code} field="code" />
        <Fact name="User agent" value={userAgent} field="userAgent" />
        <Fact name="Took" value={millis(decision.durationMs)} />
        <Fact
          name="Stands for"
          value={decision.weight === 1 ? '1 request' : `${decision.weight} requests (sampled)`}
        />
        <Fact name="Node" value={decision.node} />
        <Fact name="Policy" value={decision.policy} code />
        <Fact name="Decision" value={decision.id} code />
      </dl>
      {block && (
        <p className="mt-4 rounded-lg bg-blocked-tint px-3 py-2 text-sm text-blocked-text">
          <Link to="/blocks" className="font-medium underline underline-offset-4">
            {block.target} is blocked
          </Link>
          {block.expiresAtMs === null ? (
            ' for ever'
          ) : (
            <>
              {' '}
              until <When atMs={block.expiresAtMs} look="full" />
            </>
          )}
          .
        </p>
      )}
    </Panel>
  );
}

/** What only some requests bring along, and can be blocked. */
function Seen({
  kind,
  target,
}: {
  readonly kind: BlockKind;
  readonly target: string | undefined;
}): ReactNode {
  if (target === undefined) return null;
  const { value } = splitTarget(target);
  return <Fact name={BLOCK_WORDS[kind].name} value={value} target={target} code={value.length > 20} />;
}

function Fact({
  name,
  value,
  field,
  target,
  code = false,
}: {
  readonly name: string;
  readonly value: string | null;
  readonly field?: FilterField;
  /** What is blocked from here. */
  readonly target?: string | undefined;
  /** A name for machines: small, so that it keeps to one line. */
  readonly code?: boolean;
}): ReactNode {
  return (
    <div className="grid grid-cols-[6.5rem_minmax(0,1fr)_auto] items-start gap-2">
      <dt className="text-faint">{name}</dt>
      <dd
        className={`numeric ${code ? 'truncate font-mono text-2xs leading-5' : 'break-words'}`}
        {...(code && value !== null ? { title: value } : {})}
        {...(field === undefined || value === null ? {} : { 'data-value': `${field}:${value}` })}
      >
        {value === null ? (
          <span className="text-faint">none</span>
        ) : field === undefined ? (
          value
        ) : (
          <Link
            to="/decisions"
            search={{ range: '24h', filter: [`${field}:${value}`] }}
            className="rounded-sm underline decoration-edge decoration-1 underline-offset-4 hover:decoration-ink"
          >
            {value}
          </Link>
        )}
      </dd>
      {target !== undefined && (
        <dd className="-my-0.5">
          <BlockButton target={target} />
        </dd>
      )}
    </div>
  );
}
