import { CircleCheck, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ExplainAnswer, ExplainedCondition } from '../../../../src/server/api/access-types.ts';
import { RoleTag } from './parts.tsx';
import { OutcomeMark } from './standing.tsx';

const REASONS: Readonly<Record<string, string>> = {
  allowed: 'A rule allows it, and none denies it.',
  denied: 'A rule denies it, and a denial wins.',
  'denied-for-unknown': 'A rule that denies can’t be ruled out: something it looks at is not known.',
  'no-rule': 'No rule of their roles gives this permission.',
  'no-rule-holds': 'Rules give this permission, but the condition of none holds.',
  'no-role': 'They have no role that the policy knows.',
  'unknown-permission': 'The policy knows no such permission.',
  nobody: 'Nobody is signed in.',
};

/** Allowed or not, why, and every rule that was considered with the conditions it is made of. */
export function Explained({ answer }: { readonly answer: ExplainAnswer }): ReactNode {
  const { allowed, reason, roles, rules, unknownRoles, shortened, permission } = answer;
  const Icon = allowed ? CircleCheck : CircleX;
  return (
    <>
      <div
        role="status"
        className={`flex items-start gap-2.5 px-4 py-3 ${allowed ? 'bg-good-tint text-good-text' : 'bg-blocked-tint text-blocked-text'}`}
      >
        <Icon aria-hidden="true" className="mt-0.5 size-5 shrink-0" />
        <div>
          <p className="font-semibold">
            {allowed ? 'Allowed' : 'Not allowed'}: {permission}
          </p>
          <p className="text-sm">{REASONS[reason] ?? reason}</p>
        </div>
      </div>
      <div className="space-y-3 px-4 py-3 text-sm">
        <p className="flex flex-wrap items-center gap-1.5">
          <span className="text-mute">Roles</span>
          {roles.length === 0 ? (
            <span className="text-faint">none</span>
          ) : (
            roles.map((role) => <RoleTag key={role} role={role} />)
          )}
          {unknownRoles.length > 0 && (
            <span className="text-xs text-faint">The policy does not know {unknownRoles.join(', ')}.</span>
          )}
        </p>
        {rules.length > 0 && (
          <ol aria-label="Rules that were considered" className="space-y-2">
            {rules.map((rule) => (
              <Rule key={`${rule.role} ${rule.rule} ${rule.condition.text}`} rule={rule} />
            ))}
          </ol>
        )}
        {shortened && (
          <p className="text-xs text-faint">There were more rules or conditions than are shown.</p>
        )}
      </div>
    </>
  );
}

function Rule({ rule: one }: { readonly rule: ExplainAnswer['rules'][number] }): ReactNode {
  const { rule, effect, role, inheritedFrom, outcome, decided, condition } = one;
  return (
    <li className={`rounded-lg border px-3 py-2 ${decided ? 'border-ink' : 'border-line'}`}>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <OutcomeMark outcome={outcome} />
        <span className="font-mono text-xs break-all">{rule}</span>
        {decided && (
          <span className="rounded-full bg-solid px-2 text-xs leading-5 font-medium text-on-solid">
            Decided
          </span>
        )}
      </p>
      <p className="mt-1 flex flex-wrap items-center gap-1.5 text-xs text-mute">
        {effect === 'deny' ? 'Denies' : 'Allows'} through <RoleTag role={role} />
        {inheritedFrom !== undefined && (
          <>
            inherited from <RoleTag role={inheritedFrom} />
          </>
        )}
      </p>
      {condition.kind !== 'always' && (
        <ul className="mt-2">
          <Condition condition={condition} isWhole />
        </ul>
      )}
    </li>
  );
}

const JOINED: Readonly<Record<string, string>> = {
  and: 'All of these',
  or: 'One of these',
  not: 'Not this',
};

/** A condition with those it is made of below it. */
function Condition({
  condition,
  isWhole = false,
}: {
  readonly condition: ExplainedCondition;
  /** The whole condition of a rule, which has said already whether it holds. */
  readonly isWhole?: boolean;
}): ReactNode {
  const { kind, outcome, text, values, note, parts = [] } = condition;
  return (
    <li className="py-0.5">
      <p className="flex flex-wrap items-center gap-x-2">
        {!isWhole && <OutcomeMark outcome={outcome} />}
        {parts.length > 0 && JOINED[kind] !== undefined ? (
          <span className="text-mute">{JOINED[kind]}</span>
        ) : (
          <span className="font-mono text-xs break-words">{text}</span>
        )}
        {note !== undefined && <span className="text-xs text-challenged-text">{note}</span>}
      </p>
      {values && (
        <dl className={`flex flex-wrap gap-x-4 text-xs ${isWhole ? '' : 'ml-5'}`}>
          {Object.entries(values).map(([name, value]) => (
            <div key={name} className="flex gap-1.5">
              <dt className="text-faint">{name}</dt>
              <dd className="break-all text-mute">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {parts.length > 0 && (
        <ul className="ml-2 border-l border-line pl-3">
          {parts.map((part, at) => (
            <Condition key={`${at} ${part.text}`} condition={part} />
          ))}
        </ul>
      )}
    </li>
  );
}
