import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { identityQuery } from '../../api/security.ts';
import type { IdentityAnswer } from '../../api/security.ts';
import { percent, plural, whole } from '../../format/number.ts';
import type { ViewSearch } from '../../state/search.ts';
import { Empty, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { share } from './words.ts';

/** How people sign in: the steps, the factors, who has enrolled one; of the last day. */
export function SignIns(): ReactNode {
  const query = useQuery(identityQuery);
  return (
    <Panel title="Sign-ins" note="last 24 hours, of the whole site">
      <Loaded query={query} skeleton={<Skeleton className="h-44" />}>
        {(answer) =>
          answer.funnel === null ? (
            <Empty icon={<UserRound className="size-4" />} title="No accounts here">
              The application has a login of its own; its sign-ins are told by its events.
            </Empty>
          ) : (
            <div className="grid gap-x-8 gap-y-5 md:grid-cols-2 xl:grid-cols-[1.3fr_1fr_1fr]">
              <Funnel funnel={answer.funnel} />
              <Factors answer={answer} />
              <Enrolment answer={answer} />
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}

interface Step {
  readonly name: string;
  readonly count: number;
  readonly of: number;
  readonly note: string;
  /** Types of the events behind it, where there are some. */
  readonly types?: string;
}

/** Events of the time that the figures are of. */
const eventsOf = (type: string): ViewSearch => ({ type, since: '24h' });

function Funnel({ funnel }: { readonly funnel: NonNullable<IdentityAnswer['funnel']> }): ReactNode {
  const { first, asked, second, signedIn, failed } = funnel;
  const part = (count: number, of: number): string => (of === 0 ? '' : percent(count / of));
  const steps: readonly Step[] = [
    {
      name: 'First factor right',
      count: first,
      of: first,
      note: '',
      types: 'SECOND_STEP_ASKED,SIGN_IN_SUCCEEDED',
    },
    {
      name: 'Second factor asked',
      count: asked,
      of: first,
      note: part(asked, first),
      types: 'SECOND_STEP_ASKED',
    },
    {
      name: 'Second factor right',
      count: second,
      of: first,
      note: asked === 0 ? '' : `${part(second, asked)} of those`,
      types: 'SIGN_IN_SUCCEEDED',
    },
    {
      name: 'Signed in',
      count: signedIn,
      of: first,
      note: part(signedIn, first),
      types: 'SIGN_IN_SUCCEEDED',
    },
  ];
  return (
    <section aria-label="Steps">
      <h3 className="mb-2 text-xs text-faint">
        Steps ·{' '}
        {failed === 0 ? (
          'none failed'
        ) : (
          <Link
            to="/events"
            search={eventsOf('SIGN_IN_FAILED')}
            className="rounded-sm underline decoration-edge underline-offset-4 hover:text-ink"
          >
            {whole(failed)} failed
          </Link>
        )}
      </h3>
      {first === 0 ? <p className="py-6 text-sm text-faint">Nobody signed in.</p> : <Bars steps={steps} />}
    </section>
  );
}

function Bars({ steps }: { readonly steps: readonly Step[] }): ReactNode {
  return (
    <dl className="space-y-1.5">
      {steps.map(({ name, count, of, note, types }) => (
        <div
          key={name}
          data-row={types === undefined ? undefined : ''}
          className="relative isolate flex h-7 items-center gap-2 rounded-md px-2 text-sm"
        >
          <dt className="truncate">
            {types === undefined ? (
              name
            ) : (
              <Link
                to="/events"
                search={eventsOf(types)}
                title="The events behind it"
                className="rounded-sm row-link after:rounded-md hover:underline hover:underline-offset-4"
              >
                {name}
              </Link>
            )}
          </dt>
          <dd className="ml-auto flex items-baseline gap-2 whitespace-nowrap numeric">
            {note !== '' && <span className="text-xs text-faint">{note}</span>}
            {whole(count)}
          </dd>
          <span
            aria-hidden="true"
            className="absolute inset-y-0 left-0 -z-10 rounded-md bg-sunken"
            style={{ width: `${(share(count, of) ?? 0) * 100}%` }}
          />
        </div>
      ))}
    </dl>
  );
}

const FACTOR: Readonly<Record<string, string>> = {
  password: 'Password',
  totp: 'authenticator app',
  passkey: 'Passkey',
  sms: 'SMS',
  email: 'mail',
  backup: 'recovery code',
};

function Factors({ answer: { factors } }: { readonly answer: IdentityAnswer }): ReactNode {
  const all = factors.reduce((sum, one) => sum + one.signIns, 0);
  return (
    <section aria-label="By factor">
      <h3 className="mb-2 text-xs text-faint">By factor</h3>
      {all === 0 ? (
        <p className="py-6 text-sm text-faint">No sign-in to tell of.</p>
      ) : (
        <Bars
          steps={factors.slice(0, 5).map((one) => ({
            name: one.factors
              .split(' ')
              .map((word) => FACTOR[word] ?? word)
              .join(' + '),
            count: one.signIns,
            of: all,
            note: percent(one.signIns / all),
          }))}
        />
      )}
    </section>
  );
}

function Enrolment({ answer }: { readonly answer: IdentityAnswer }): ReactNode {
  const { enrolment, recoveryCodesUsed, newDevices, newPlaces } = answer;
  return (
    <section aria-label="Enrolment">
      <h3 className="mb-2 text-xs text-faint">Second factor enrolled</h3>
      {enrolment !== null && (
        <dl className="space-y-2.5 text-sm">
          <Covered name="Accounts" part={enrolment.withFactor} all={enrolment.accounts} />
          <Covered name="People of the console" part={enrolment.staffWithFactor} all={enrolment.staff} />
        </dl>
      )}
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-mute numeric">
        <Told
          count={recoveryCodesUsed}
          type="BACKUP_CODE_USED"
          one="recovery code used"
          many="recovery codes used"
        />
        <Told count={newDevices} type="NEW_DEVICE" one="new device" />
        <Told count={newPlaces} type="NEW_PLACE" one="new place" />
      </ul>
    </section>
  );
}

function Covered({
  name,
  part,
  all,
}: {
  readonly name: string;
  readonly part: number;
  readonly all: number;
}): ReactNode {
  const covered = share(part, all);
  return (
    <div className="flex flex-wrap justify-between gap-x-2 gap-y-1">
      <dt>{name}</dt>
      <dd className="numeric">
        {covered === null ? 'none' : percent(covered)}
        <span className="ml-2 text-xs text-faint">
          {whole(part)} of {whole(all)}
        </span>
      </dd>
      <dd aria-hidden="true" className="h-1.5 w-full overflow-hidden rounded-full bg-sunken">
        <span className="block h-full rounded-full bg-good" style={{ width: `${(covered ?? 0) * 100}%` }} />
      </dd>
    </div>
  );
}

function Told({
  count,
  type,
  one,
  many,
}: {
  readonly count: number;
  readonly type: string;
  readonly one: string;
  readonly many?: string;
}): ReactNode {
  return (
    <li>
      <Link
        to="/events"
        search={eventsOf(type)}
        className="rounded-sm hover:underline hover:underline-offset-4"
      >
        {plural(count, one, many)}
      </Link>
    </li>
  );
}
