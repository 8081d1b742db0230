import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { UserSearch } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { RolesAnswer, WhoCanAnswer } from '../../../../src/server/api/access-types.ts';
import { plural } from '../../format/number.ts';
import type { ViewSearch } from '../../state/search.ts';
import { useView } from '../../state/view.ts';
import { Button, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { explainQuery, whoCanQuery } from './api.ts';
import { Explained } from './explained.tsx';
import { PermissionOptions, SelectField } from './fields.tsx';
import { AccessFrame } from './frame.tsx';
import { Subject } from './parts.tsx';
import { readRow } from './row-text.ts';
import { StandingMark } from './standing.tsx';
import { SubjectField } from './subject-field.tsx';

/** What the server takes of a row's text in an address. */
const MAX_ROW = 2000;
/** Assignments of a role that the server names. */
const MAX_ASSIGNED = 20;

/** Who has a permission, for a row if one is given; and whether one person has it, and why. */
export function WhoCanPage(): ReactNode {
  return <AccessFrame>{(policy) => <Content policy={policy} />}</AccessFrame>;
}

function Content({ policy }: { readonly policy: RolesAnswer }): ReactNode {
  const { search } = useView();
  const { permission, subject } = search;
  const typed = readRow(search.row ?? '');
  const row = 'row' in typed ? typed.row : undefined;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <AskForm key={JSON.stringify(search)} policy={policy} search={search} />
      <div className="space-y-4">
        {permission === undefined ? (
          <Panel title="Answer" flush>
            <div className="min-h-80 border-t border-line">
              <Empty icon={<UserSearch className="size-4" />} title="Ask the policy">
                Choose a permission to see which roles have it and who holds them. Name a person as well to
                see every rule that was considered for them.
              </Empty>
            </div>
          </Panel>
        ) : (
          <>
            {subject !== undefined && (
              <ExplainPanel
                subject={subject}
                permission={permission}
                {...(row === undefined ? {} : { row })}
              />
            )}
            <WhoPanel permission={permission} row={row} />
          </>
        )}
      </div>
    </div>
  );
}

function AskForm({
  policy,
  search,
}: {
  readonly policy: RolesAnswer;
  readonly search: ViewSearch;
}): ReactNode {
  const { change } = useView();
  const [permission, setPermission] = useState(search.permission ?? '');
  const [subject, setSubject] = useState(search.subject ?? '');
  const [row, setRow] = useState(search.row ?? '');
  const typed = readRow(row);
  const fault = 'fault' in typed ? typed.fault : undefined;
  return (
    <Panel title="Question">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          const { permission: _p, subject: _s, row: _r, ...rest } = search;
          change({
            ...rest,
            permission,
            ...(subject.trim() === '' ? {} : { subject: subject.trim() }),
            ...(row.trim() === '' ? {} : { row: row.trim() }),
          });
        }}
      >
        <SelectField label="Permission" value={permission} onChange={setPermission}>
          <option value="">Choose one</option>
          <PermissionOptions permissions={policy.permissions} />
        </SelectField>
        <SubjectField
          label="Person or program"
          required={false}
          hint="Explains the answer for them, with the roles they have now."
          value={subject}
          onChange={setSubject}
        />
        <RowField value={row} fault={fault} onChange={setRow} />
        <Button look="solid" type="submit" disabled={permission === '' || fault !== undefined}>
          {subject.trim() === '' ? 'Ask' : 'Explain'}
        </Button>
      </form>
    </Panel>
  );
}

function RowField({
  value,
  fault,
  onChange,
}: {
  readonly value: string;
  readonly fault: string | undefined;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const id = useId();
  return (
    <div className="text-sm">
      <label htmlFor={id} className="block font-medium">
        Row<span className="font-normal text-faint"> (optional)</span>
      </label>
      <textarea
        id={id}
        rows={4}
        spellCheck={false}
        autoCapitalize="none"
        maxLength={MAX_ROW}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-hint`}
        placeholder={'customer_id: user:42\nstatus: placed'}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="mt-1 w-full resize-y rounded-md border border-edge bg-panel px-2.5 py-1.5 font-mono text-xs placeholder:text-faint aria-invalid:border-blocked max-sm:text-[1rem]"
      />
      <p
        id={`${id}-hint`}
        role={fault === undefined ? undefined : 'alert'}
        className={`mt-1 text-xs ${fault === undefined ? 'text-faint' : 'text-blocked-text'}`}
      >
        {fault ?? 'A column and its value a line. Quotes keep digits text; related rows are JSON.'}
      </p>
    </div>
  );
}

function ExplainPanel(asked: {
  readonly subject: string;
  readonly permission: string;
  readonly row?: Readonly<Record<string, unknown>>;
}): ReactNode {
  const query = useQuery(explainQuery(asked));
  return (
    <Panel title="Explanation" note={<Subject subject={asked.subject} />} flush>
      <div className="border-t border-line">
        <Loaded query={query} skeleton={<SkeletonRows rows={4} />}>
          {(answer) => <Explained answer={answer} />}
        </Loaded>
      </div>
    </Panel>
  );
}

function WhoPanel({
  permission,
  row,
}: {
  readonly permission: string;
  readonly row: Readonly<Record<string, unknown>> | undefined;
}): ReactNode {
  const query = useQuery(whoCanQuery(permission, row));
  const count = query.data?.holders.length;
  return (
    <Panel
      title={`Who can ${permission}`}
      note={
        <span role="status">
          {count === undefined ? '' : plural(count, 'role')}
          {row === undefined ? '' : ' for this row'}
        </span>
      }
      flush
    >
      <div className="border-t border-line">
        <Loaded query={query} skeleton={<SkeletonRows rows={5} />}>
          {({ holders }) =>
            holders.length === 0 ? (
              <Empty icon={<UserSearch className="size-4" />} title="Nobody can">
                {row === undefined
                  ? 'No role has this permission, or a denial takes it from every one that had.'
                  : 'No role has this permission for this row. A column that the rules need may be missing from it.'}
              </Empty>
            ) : (
              <ul>
                {holders.map((holder) => (
                  <Holder key={holder.role} holder={holder} isForRow={row !== undefined} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </Panel>
  );
}

function Holder({
  holder,
  isForRow,
}: {
  readonly holder: WhoCanAnswer['holders'][number];
  readonly isForRow: boolean;
}): ReactNode {
  const { role, when, rules, forRow, assigned } = holder;
  const isAlways = isForRow ? forRow === 'always' : when === 'always';
  return (
    <li className="grid gap-x-4 gap-y-1.5 border-b border-line px-4 py-3 text-sm last:border-0 sm:grid-cols-[10rem_minmax(0,1fr)]">
      <p className="flex items-start gap-1.5">
        <StandingMark isOfLine standing={isAlways ? 'always' : 'condition'} />
        <Link
          to="/access/assignments"
          search={{ role }}
          className="rounded-sm font-medium break-all hover:underline hover:underline-offset-4"
        >
          {role}
        </Link>
      </p>
      <div className="min-w-0 space-y-1">
        {isAlways ? (
          <p className="text-mute">
            {isForRow ? 'Whoever holds it, for this row' : 'Whoever holds it, whatever the row'}
          </p>
        ) : isForRow ? (
          <p>
            If <span className="font-mono text-xs break-words">{forRow}</span>
          </p>
        ) : (
          rules.map(({ rule, effect, text }) => (
            <p key={`${rule} ${text}`}>
              {effect === 'deny' ? <strong className="font-medium text-blocked-text">Not if </strong> : 'If '}
              <span className="font-mono text-xs break-words">{text}</span>
            </p>
          ))
        )}
        <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-faint">
          {assignedWords(assigned.length)}
          {assigned.map((subject, at) => (
            <span key={subject} className="text-mute">
              <Subject subject={subject} />
              {at < assigned.length - 1 && ','}
            </span>
          ))}
        </p>
      </div>
    </li>
  );
}

function assignedWords(count: number): string {
  if (count === 0) return 'Assigned to nobody; accounts may have the role of themselves.';
  return count < MAX_ASSIGNED ? 'Assigned to' : `Assigned last, of ${MAX_ASSIGNED} or more, to`;
}
