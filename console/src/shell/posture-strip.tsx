import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { postureQuery } from '../api/security.ts';
import type { PostureAnswer, PostureLevel } from '../api/security.ts';
import { useStream } from '../api/stream.ts';
import { plural, whole } from '../format/number.ts';
import { duration } from '../format/time.ts';
import { Skeleton } from '../ui/parts.tsx';
import { HealthGlyph, SeverityMark } from '../ui/verdict.tsx';
import type { HealthState } from '../ui/verdict.tsx';
import { useNow, When } from '../ui/when.tsx';

/** Without a message of the stream for so long, what is shown may be old. */
const SILENT_MS = 15_000;
const DAY_MS = 86_400_000;

const LEVELS: Readonly<
  Record<PostureLevel, { readonly word: string; readonly state: HealthState; readonly style: string }>
> = {
  normal: { word: 'Normal', state: 'ok', style: '' },
  elevated: { word: 'Elevated', state: 'degraded', style: 'bg-challenged-tint text-challenged-text' },
  attack: { word: 'Under attack', state: 'down', style: 'bg-blocked-tint text-blocked-text' },
  lockdown: { word: 'Lockdown', state: 'down', style: 'bg-solid text-on-solid' },
};

/** One line over every page: how the site stands, what waits for people, and what was proven when. */
export function PostureStrip(): ReactNode {
  const query = useQuery(postureQuery);
  const now = useNow(5000);
  const { data, error } = query;
  if (data === undefined) {
    if (error === null) return <Skeleton className="h-4 w-72 max-w-[40vw]" />;
    const isSilent = error instanceof ApiError && error.status === 0;
    return (
      <dl aria-label="Posture" className="text-sm">
        <Fact state="down" name="Server" value={isSilent ? 'silent' : 'troubled'} />
      </dl>
    );
  }
  return (
    <dl aria-label="Posture" className="flex min-w-0 items-center gap-x-4 text-sm max-md:gap-x-3">
      <Level posture={data} />
      <Age posture={data} failed={error !== null} now={now} />
      <Alerts alerts={data.alerts} isLoud={data.level !== 'normal'} />
      <Responses responses={data.responses} />
      <Troubles troubles={data.troubles} />
      <Proofs posture={data} now={now} />
    </dl>
  );
}

function Level({ posture: { level, sinceMs, reason } }: { readonly posture: PostureAnswer }): ReactNode {
  const { word, state, style } = LEVELS[level];
  const isLoud = level !== 'normal';
  return (
    <div
      title={reason}
      // Closing the house is the one thing that may interrupt a reader.
      aria-live={level === 'lockdown' ? 'assertive' : 'polite'}
      className={`flex items-center gap-1.5 whitespace-nowrap ${isLoud ? `-ml-2 h-6 rounded-full px-2.5 ${style}` : ''}`}
    >
      {level === 'lockdown' ? <Lock /> : <HealthGlyph state={state} className="size-2" />}
      <dt className="sr-only">State</dt>
      <dd className="font-medium">
        {word}
        {isLoud && sinceMs !== null && (
          <span className="font-normal max-lg:hidden">
            {' since '}
            <When atMs={sinceMs} look="moment" />
          </span>
        )}
        <span className="sr-only">. {reason}</span>
      </dd>
    </div>
  );
}

function Lock(): ReactNode {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className="size-3 shrink-0 fill-current">
      <path d="M3 5V4a3 3 0 0 1 6 0v1h1v6H2V5zm1.4 0h3.2V4a1.6 1.6 0 0 0-3.2 0z" />
    </svg>
  );
}

/** Said only where what is shown may be old. */
function Age({
  posture,
  failed,
  now,
}: {
  readonly posture: PostureAnswer;
  readonly failed: boolean;
  readonly now: number;
}): ReactNode {
  const { state, lastAtMs } = useStream();
  const isSilent = state === 'silent' || (state === 'live' && lastAtMs > 0 && now - lastAtMs > SILENT_MS);
  if (!failed && !isSilent) return null;
  return (
    <div aria-live="polite" className="flex items-center gap-1.5 whitespace-nowrap text-challenged-text">
      <HealthGlyph state="degraded" className="size-2" />
      <dt className="sr-only">Age</dt>
      <dd>
        <span className="max-sm:sr-only">as of </span>
        <When atMs={failed ? posture.atMs : lastAtMs || posture.atMs} look="clock" />
        <span className="max-sm:hidden">, source silent</span>
      </dd>
    </div>
  );
}

const LINK = 'inline-flex min-h-6 items-center gap-1.5 rounded-sm hover:underline hover:underline-offset-4';

function Alerts({
  alerts,
  isLoud,
}: Pick<PostureAnswer, 'alerts'> & {
  /** The level says already how grave it is: on a phone there is no room to say it twice. */
  readonly isLoud: boolean;
}): ReactNode {
  if (alerts === null) return null;
  const { open, worst } = alerts;
  return (
    <div className="flex items-center gap-1.5 whitespace-nowrap">
      <dt className="text-faint max-lg:sr-only">Alerts</dt>
      <dd>
        <Link to="/alerts" className={LINK}>
          <span className="numeric">
            {whole(open)}
            <span className="max-sm:sr-only"> open</span>
          </span>
          {worst !== null && (
            <span className={isLoud ? 'max-sm:sr-only' : ''}>
              <SeverityMark severity={worst} />
            </span>
          )}
        </Link>
      </dd>
    </div>
  );
}

function Responses({ responses }: Pick<PostureAnswer, 'responses'>): ReactNode {
  if (responses === null) return null;
  const { acting, waiting, mode } = responses;
  const isQuiet = acting === 0 && waiting === 0;
  const words = [
    ...(acting > 0 ? [`${whole(acting)} acting`] : []),
    ...(waiting > 0 ? [`${whole(waiting)} waiting`] : []),
  ].join(', ');
  return (
    <div
      className={`flex items-center gap-1.5 whitespace-nowrap ${isQuiet ? 'max-lg:hidden' : 'max-sm:hidden'}`}
    >
      <dt className="text-faint max-lg:sr-only">Responses</dt>
      <dd className={waiting > 0 ? 'text-challenged-text' : ''}>
        <Link to="/responses" className={LINK}>
          {isQuiet ? (mode === 'enforce' ? 'none' : mode === 'shadow' ? 'only recorded' : 'off') : words}
        </Link>
      </dd>
    </div>
  );
}

const TROUBLE: Readonly<Record<string, string>> = {
  database: 'Database',
  limits: 'Limits',
  journal: 'Journal',
  responses: 'Answers',
};
const WORD = { degraded: 'degraded', down: 'down' } as const;

/** What is degraded, by name; all is well where there is nothing. */
function Troubles({ troubles }: Pick<PostureAnswer, 'troubles'>): ReactNode {
  const [first] = troubles;
  if (first === undefined)
    return (
      <div className="flex items-center gap-1.5 whitespace-nowrap max-lg:hidden">
        <HealthGlyph state="ok" className="size-2" />
        <dt className="text-faint">Parts</dt>
        <dd className="text-mute">all well</dd>
      </div>
    );
  const worst = troubles.some(({ state }) => state === 'down') ? 'down' : 'degraded';
  const words =
    troubles.length === 1
      ? `${TROUBLE[first.name] ?? first.name} ${WORD[first.state]}`
      : `${plural(troubles.length, 'part')} ${worst}`;
  return (
    <div
      className="flex items-center gap-1.5 whitespace-nowrap"
      title={troubles.map(({ name, text }) => `${TROUBLE[name] ?? name}: ${text}`).join('\n')}
    >
      <dt className="sr-only">Parts</dt>
      <dd>
        <Link to="/health" className={`${LINK} min-w-6`}>
          <HealthGlyph state={worst} className="size-2" />
          <span className="max-sm:sr-only">{words}</span>
        </Link>
      </dd>
    </div>
  );
}

/** What was proven when: the audit log's checkpoint, the last backup, the last that was put back. */
function Proofs({
  posture: { audit, backup },
  now,
}: {
  readonly posture: PostureAnswer;
  readonly now: number;
}): ReactNode {
  const ageOf = (atMs: number): string => duration(Math.max(0, now - atMs), 1);
  const { madeAtMs, failedAtMs, restoredAtMs } = backup;
  const isLate = failedAtMs !== null || (madeAtMs !== null && now - madeAtMs > 2 * DAY_MS);
  return (
    <>
      {audit !== null && (
        <Fact
          state={audit.ok === false ? 'down' : 'ok'}
          name="Audit"
          value={
            audit.ok === false
              ? 'does not fit'
              : audit.checkpointAtMs === null
                ? 'no checkpoint yet'
                : `signed ${ageOf(audit.checkpointAtMs)} ago`
          }
          className={audit.ok === false ? 'max-md:hidden' : 'max-xl:hidden'}
        />
      )}
      <Fact
        {...(madeAtMs === null && failedAtMs === null ? {} : { state: isLate ? 'degraded' : 'ok' })}
        name="Backup"
        value={
          failedAtMs !== null
            ? 'failed'
            : madeAtMs === null
              ? 'none yet'
              : `${ageOf(madeAtMs)} ago${restoredAtMs === null ? '' : `, restored ${ageOf(restoredAtMs)} ago`}`
        }
        className="max-xl:hidden"
      />
    </>
  );
}

function Fact({
  state,
  name,
  value,
  className = '',
}: {
  readonly state?: HealthState;
  readonly name: string;
  readonly value: string;
  readonly className?: string;
}): ReactNode {
  return (
    <div className={`flex items-center gap-1.5 whitespace-nowrap ${className}`}>
      {state !== undefined && <HealthGlyph state={state} className="size-2" />}
      <dt className="text-faint">{name}</dt>
      <dd className="text-mute numeric">{value}</dd>
    </div>
  );
}
