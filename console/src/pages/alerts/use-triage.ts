import { type InfiniteData, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type AlertAnswer, type AlertEntry, type AlertsAnswer, postAct } from '../../api/alerts.ts';
import { refusalWords } from '../../api/faults.ts';
import { useSession } from '../../api/identity.ts';
import { plural } from '../../format/number.ts';
import { toast } from '../../ui/toast.tsx';
import { applied, doneWords, stepsOf, type TriageAct } from './acts.ts';

const UNDO_MS = 10_000;
/** Calls at a time: the server is not flooded by one reader. */
const AT_ONCE = 4;

interface Outcome {
  readonly before: AlertEntry;
  /** As the server left it; null where it refused. */
  readonly after: AlertEntry | null;
  readonly error: Error | null;
}

/** Does something with alerts: shown at once, taken back where the server refuses, to be undone for ten seconds. */
export function useTriage(): (act: TriageAct, alerts: readonly AlertEntry[]) => Promise<void> {
  const client = useQueryClient();
  const { actor } = useSession();
  return async (act, alerts) => {
    const nowMs = Date.now();
    const wanted = alerts.filter((one) => stepsOf(one, act, actor, nowMs).length > 0);
    if (wanted.length === 0) {
      if (alerts.length > 0) toast('That changes nothing');
      return;
    }
    await client.cancelQueries({ queryKey: ['alerts'] });
    for (const one of wanted) patch(client, applied(one, act, actor, nowMs));
    const outcomes = await each(wanted, (one) => perform(one, act, actor, nowMs));
    for (const { before, after } of outcomes) patch(client, after ?? before);
    tell(client, act, outcomes);
    await client.invalidateQueries({ queryKey: ['alerts'] });
  };
}

async function perform(before: AlertEntry, act: TriageAct, me: string, nowMs: number): Promise<Outcome> {
  try {
    let after: AlertEntry | null = null;
    for (const { name, body } of stepsOf(before, act, me, nowMs))
      after = await postAct(before.id, name, body);
    return { before, after, error: null };
  } catch (error) {
    return { before, after: null, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function tell(client: QueryClient, act: TriageAct, outcomes: readonly Outcome[]): void {
  const done = outcomes.filter(({ after }) => after !== null);
  const failed = outcomes.filter(({ error }) => error !== null);
  if (failed[0]?.error) {
    const many = outcomes.length > 1 ? `${failed.length} of ${outcomes.length}: ` : '';
    toast(`${many}${refusalWords(failed[0].error)}`);
  }
  if (done.length === 0) return;
  const what = done.length === 1 ? (done[0]?.before.title ?? '') : plural(done.length, 'alert');
  toast(`${what}: ${doneWords(act)}`, {
    label: 'Undo',
    stayMs: UNDO_MS,
    run: () => void undo(client, done),
  });
}

async function undo(client: QueryClient, done: readonly Outcome[]): Promise<void> {
  await client.cancelQueries({ queryKey: ['alerts'] });
  for (const { before } of done) patch(client, before);
  const failures = await each(done, async ({ before, after }) => {
    const { state, assignee, snoozedUntilMs } = before;
    try {
      const body = { changedAtMs: after?.changedAtMs ?? 0, state, assignee, snoozedUntilMs };
      patch(client, await postAct(before.id, 'undo', body));
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  });
  const failure = failures.find((one) => one !== null);
  toast(failure ? refusalWords(failure) : 'Undone');
  await client.invalidateQueries({ queryKey: ['alerts'] });
}

/** Has the pages show an alert as it is now, wherever it stands. */
function patch(client: QueryClient, alert: AlertEntry): void {
  const swap = (one: AlertEntry): AlertEntry => (one.id === alert.id ? alert : one);
  client.setQueriesData<InfiniteData<AlertsAnswer>>({ queryKey: ['alerts', 'list'] }, (old) =>
    old === undefined
      ? old
      : { ...old, pages: old.pages.map((page) => ({ ...page, alerts: page.alerts.map(swap) })) },
  );
  client.setQueryData<AlertAnswer>(['alerts', 'one', alert.id], (old) => old && { ...old, alert });
}

async function each<T, R>(list: readonly T[], run: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < list.length) {
      const at = next;
      next += 1;
      results[at] = await run(list[at] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, work));
  return results;
}
