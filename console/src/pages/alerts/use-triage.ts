import { type InfiniteData, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type AlertAnswer, type AlertEntry, type AlertsAnswer, postBulk } from '../../api/alerts.ts';
import { ApiError } from '../../api/client.ts';
import { refusalWords } from '../../api/faults.ts';
import { useSession } from '../../api/identity.ts';
import { plural } from '../../format/number.ts';
import { toast } from '../../ui/toast.tsx';
import { applied, doneWords, stepsOf, type TriageAct } from './acts.ts';

const UNDO_MS = 10_000;

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
    const outcomes = await perform(
      wanted,
      wanted.map((one) => stepsOf(one, act, actor, nowMs).map(({ name, body }) => ({ act: name, ...body }))),
    );
    for (const { before, after } of outcomes) patch(client, after ?? before);
    tell(client, act, outcomes);
    await client.invalidateQueries({ queryKey: ['alerts'] });
  };
}

/** One call for all of them; where none can be reached, nothing was done. */
async function perform(
  alerts: readonly AlertEntry[],
  acts: readonly (readonly object[])[],
): Promise<readonly Outcome[]> {
  try {
    const results = await postBulk(alerts.map(({ id }, at) => ({ id, acts: acts[at] ?? [] })));
    return alerts.map((before, at) => {
      const { alert = null, error = null } = results[at] ?? {};
      return {
        before,
        after: alert,
        error: error === null ? null : new ApiError(error.status, error.code, error.message),
      };
    });
  } catch (error) {
    const reason = error instanceof Error ? error : new Error(String(error));
    return alerts.map((before) => ({ before, after: null, error: reason }));
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
  const outcomes = await perform(
    done.map(({ before }) => before),
    done.map(({ before: { state, assignee, snoozedUntilMs }, after }) => [
      { act: 'undo', changedAtMs: after?.changedAtMs ?? 0, state, assignee, snoozedUntilMs },
    ]),
  );
  for (const { after } of outcomes) if (after !== null) patch(client, after);
  const failure = outcomes.find(({ error }) => error !== null)?.error;
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
