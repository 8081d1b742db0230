import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../core/clock.ts';
import type { HealthPort } from './api/index.ts';
import type { HealthAnswer } from './api/types.ts';
import { type EventPartStatus, readEventParts } from './data/index.ts';
import { eventPartFindings, eventPartWords } from './event-part-findings.ts';
import type { Foundation } from './foundation.ts';
import type { House } from './house.ts';
import type { Pump } from './pump.ts';

/** What a node is doing. */
export type Phase = 'starting' | 'running' | 'draining';

type Check = HealthAnswer['checks'][number];
type Finding = HealthAnswer['findings'][number];

/** What health is read from. */
export interface HealthParts {
  readonly foundation: Foundation;
  readonly house: House;
  readonly pump: Pump;
  readonly version: string;
  readonly findings: () => readonly Finding[] | Promise<readonly Finding[]>;
  readonly phase: () => Phase;
}

const CACHE_MS = 2_000;
const PROBE_MS = 2_000;

/** Watches the node: probes are cached for two seconds and end after two. */
export class Health implements HealthPort {
  readonly #parts: HealthParts;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #loop = monitorEventLoopDelay({ resolution: 20 });
  #cpu = process.cpuUsage();
  #cpuAtMs: number;
  #cached: { readonly atMs: number; readonly checks: Promise<readonly Check[]> } | null = null;

  constructor(parts: HealthParts) {
    this.#parts = parts;
    this.#clock = parts.foundation.clock;
    this.#startedAtMs = this.#clock.now();
    this.#cpuAtMs = this.#clock.monotonic();
    this.#loop.enable();
  }

  live(): boolean {
    return true;
  }

  ready(): boolean {
    return this.#parts.phase() === 'running';
  }

  started(): boolean {
    return this.#parts.phase() !== 'starting';
  }

  async report(): Promise<HealthAnswer> {
    const { house, pump, foundation, version } = this.#parts;
    const checks = await this.#checks();
    const worst = checks.some((check) => check.state === 'down')
      ? 'down'
      : checks.some((check) => check.state === 'degraded')
        ? 'degraded'
        : 'ok';
    const memory = process.memoryUsage();
    const journal = foundation.journal.stats();
    return {
      state: worst,
      version,
      node: house.node,
      nodeVersion: process.versions.node,
      startedAtMs: this.#startedAtMs,
      checks,
      runtime: {
        memoryMb: Math.round(memory.rss / 1e6),
        heapMb: Math.round(memory.heapUsed / 1e6),
        eventLoopP99Ms: this.#eventLoopP99(),
        cpuPercent: this.#cpuPercent(),
      },
      journal: { waiting: journal.waiting, bytes: journal.bytes, shed: pump.shed + house.events.shed },
      posture: this.#posture(),
      findings: await this.#parts.findings(),
    };
  }

  #posture(): HealthAnswer['posture'] {
    const view = this.#parts.house.shield.traffic?.posture();
    if (view === undefined) return null;
    const { level, sinceMs, nodes, rate, usual, bound } = view;
    return { level, sinceMs, nodes, rate, usual, bound };
  }

  #checks(): Promise<readonly Check[]> {
    const now = this.#clock.monotonic();
    if (this.#cached && now - this.#cached.atMs < CACHE_MS) return this.#cached.checks;
    const checks = Promise.all([
      this.#database(),
      this.#events(),
      this.#limits(),
      this.#journal(),
      this.#corridor(),
    ]);
    this.#cached = { atMs: now, checks };
    return checks;
  }

  async #database(): Promise<Check> {
    const { sql } = this.#parts.foundation;
    const what = sql.kind === 'embedded' ? 'The embedded database' : 'PostgreSQL';
    const bad = `${what} does not answer; decisions and events wait in the journal. Check DATABASE_URL and the server.`;
    return this.#probe('database', () => sql.query('SELECT 1'), `${what} answers.`, bad, 'down');
  }

  async #events(): Promise<Check> {
    const { sql } = this.#parts.foundation;
    let status: EventPartStatus | null = null;
    const ask = async (): Promise<void> => void (status = await readEventParts(sql, sql.kind));
    const check = await this.#probe(
      'events',
      ask,
      '',
      'Not known: the database does not answer.',
      'degraded',
    );
    if (check.state !== 'ok') return check;
    const [late] = eventPartFindings(status, this.#clock.now());
    const text = late?.text ?? `${eventPartWords(status, this.#clock.now())}.`;
    return { ...check, state: late ? 'degraded' : 'ok', text };
  }

  async #limits(): Promise<Check> {
    const { counters } = this.#parts.foundation;
    if (counters.kind === 'memory')
      return this.#check(
        'limits',
        'ok',
        'Limits are counted in this process. Set REDIS_URL to share them between nodes.',
        null,
      );
    const { state, nodes } = this.#parts.house.limits.storeState();
    const probe = await this.#probe(
      'limits',
      () => counters.ping(),
      `Redis answers; ${nodes} ${nodes === 1 ? 'node shares' : 'nodes share'} the limits.`,
      'Redis does not answer; this node counts alone, and policies that are closed refuse. Check REDIS_URL and the server.',
      'degraded',
    );
    if (state === 'local' && probe.state === 'ok')
      return {
        ...probe,
        state: 'degraded',
        text: 'Redis answers a ping but not the limits; this node counts alone. Look for READONLY, OOM or a slow script.',
      };
    return probe;
  }

  async #journal(): Promise<Check> {
    const { pump, house, foundation } = this.#parts;
    const { waiting, damaged } = foundation.journal.stats();
    if (pump.stalled || house.events.stalled)
      return this.#check(
        'journal',
        'degraded',
        `${waiting} entries wait for the database. Check the database and the disk.`,
        null,
      );
    if (pump.shed + house.events.shed > 0)
      return this.#check(
        'journal',
        'degraded',
        `${pump.shed + house.events.shed} records were dropped because more came than could be kept.`,
        null,
      );
    if (damaged > 0)
      return this.#check(
        'journal',
        'degraded',
        `${damaged} damaged entries were found at the start and left out.`,
        null,
      );
    return this.#check('journal', 'ok', 'Decisions and events are written and drained.', null);
  }

  async #corridor(): Promise<Check> {
    const { house } = this.#parts;
    const routes = [...house.traffic.routes()];
    const failed = routes.reduce((sum, route) => sum + (route.statuses[5] as number), 0);
    const all = routes.reduce((sum, route) => sum + route.durations.count, 0);
    const share = all === 0 ? 0 : failed / all;
    const state = share > 0.05 && failed > 10 ? 'degraded' : 'ok';
    return this.#check(
      'responses',
      state,
      `${failed} of ${all} responses since the start were server errors.`,
      null,
    );
  }

  async #probe(
    name: string,
    ask: () => Promise<unknown>,
    good: string,
    bad: string,
    badState: 'degraded' | 'down',
  ): Promise<Check> {
    const started = this.#clock.monotonic();
    let cancel: () => void = () => undefined;
    const tooLong = new Promise<never>((_resolve, reject) => {
      cancel = this.#parts.foundation.timers.after(PROBE_MS, () => reject(new Error('timeout')));
    });
    try {
      await Promise.race([ask(), tooLong]);
      return this.#check(name, 'ok', good, Math.round((this.#clock.monotonic() - started) * 10) / 10);
    } catch {
      return this.#check(name, badState, bad, null);
    } finally {
      cancel();
    }
  }

  #check(name: string, state: Check['state'], text: string, latencyMs: number | null): Check {
    return { name, state, text, latencyMs, checkedAtMs: this.#clock.now() };
  }

  #eventLoopP99(): number {
    const ms = this.#loop.percentile(99) / 1e6;
    return Number.isFinite(ms) ? Math.round(ms * 10) / 10 : 0;
  }

  /** Since it was last asked. */
  #cpuPercent(): number {
    const used = process.cpuUsage(this.#cpu);
    const now = this.#clock.monotonic();
    const spanMs = Math.max(1, now - this.#cpuAtMs);
    this.#cpu = process.cpuUsage();
    this.#cpuAtMs = now;
    return Math.round((used.user + used.system) / 10 / spanMs);
  }

  /** Ends the watch. */
  close(): void {
    this.#loop.disable();
  }
}
