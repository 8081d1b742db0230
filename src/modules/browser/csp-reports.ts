import type { Clock } from '../../core/clock.ts';
import { formatDuration } from '../../core/duration.ts';
import type { EventSink } from '../../core/events.ts';
import { duration, type Fields, number, readOptions } from '../../core/options.ts';
import { type CspReport, parseCspReports } from './csp-report-format.ts';

/** Bounds of the report endpoint, which anybody on the network can write to. */
export interface CspReportOptions {
  /** Bytes of a delivery at most, 1,000 to 1,000,000; default 65,536. */
  readonly maxBytes?: number;
  /** Reports read of one delivery at most, 1 to 1,000; default 50. The rest is counted as dropped. */
  readonly maxReports?: number;
  /** Groups held at most, 10 to 10,000; default 500. Beyond it reports count into their directive's `(other)`. */
  readonly maxGroups?: number;
  /** A group that was not seen for so long makes room; default '7d', '1h' to '90d'. */
  readonly forgetAfter?: string;
  /** A known group becomes an event again after this; default '1h', '1m' to '7d'. */
  readonly eventEvery?: string;
  /** Events per minute at most, over all groups, 1 to 1,000; default 20. */
  readonly maxEventsPerMinute?: number;
}

interface Resolved {
  readonly maxBytes: number;
  readonly maxReports: number;
  readonly maxGroups: number;
  readonly forgetAfter: number;
  readonly eventEvery: number;
  readonly maxEventsPerMinute: number;
}

const FIELDS: Fields<Resolved> = {
  maxBytes: number({ min: 1_000, max: 1_000_000, default: 65_536 }),
  maxReports: number({ min: 1, max: 1_000, default: 50 }),
  maxGroups: number({ min: 10, max: 10_000, default: 500 }),
  forgetAfter: duration({ min: '1h', max: '90d', default: '7d' }),
  eventEvery: duration({ min: '1m', max: '7d', default: '1h' }),
  maxEventsPerMinute: number({ min: 1, max: 1_000, default: 20 }),
};

/** What the receiver stands on. */
export interface CspReportPorts {
  readonly clock: Clock;
  /** Takes CSP_VIOLATION. */
  readonly events: EventSink;
}

/** Violations of one directive by one source. */
export interface CspGroup {
  readonly directive: string;
  /** Origin, scheme, or a word such as `inline`; `(other)` for those beyond the ceiling. */
  readonly blocked: string;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly lastAtMs: number;
}

/** Takes the reports of browsers. */
export interface CspReports {
  /**
   * Takes one delivery: `application/csp-report`, `application/reports+json`, or either as `application/json`.
   * @param body as received, decoded as UTF-8
   * @returns false when it was too large or no report; nothing is kept then
   */
  take(contentType: string | undefined, body: string, address?: string): boolean;
  /** What was reported to this node, most frequent first. */
  groups(): readonly CspGroup[];
  /** Reports that were left out because a delivery held too many. */
  readonly dropped: number;
}

interface Group {
  readonly directive: string;
  readonly blocked: string;
  count: number;
  lastAtMs: number;
  toldAtMs: number;
}

const OTHER = '(other)';

/**
 * Makes the receiver.
 * @throws OptionsError when an option makes no sense
 */
export function cspReports(options: CspReportOptions, ports: CspReportPorts): CspReports {
  return new ReportReceiver(readOptions('cspReports', options, FIELDS), ports);
}

class ReportReceiver implements CspReports {
  readonly #options: Resolved;
  readonly #ports: CspReportPorts;
  readonly #groups = new Map<string, Group>();
  #dropped = 0;
  #minute = -Infinity;
  #toldThisMinute = 0;

  constructor(options: Resolved, ports: CspReportPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  get dropped(): number {
    return this.#dropped;
  }

  take(contentType: string | undefined, body: string, address?: string): boolean {
    // A character takes one byte at least: what is longer than the bound need not be measured.
    if (body.length > this.#options.maxBytes || Buffer.byteLength(body) > this.#options.maxBytes)
      return false;
    const found = parseCspReports(contentType, body, this.#options.maxReports);
    if (found === undefined) return false;
    this.#dropped += found.dropped;
    const nowMs = this.#ports.clock.now();
    for (const report of found.reports) this.#count(report, nowMs, address);
    return true;
  }

  #count(report: CspReport, nowMs: number, address: string | undefined): void {
    const group = this.#groupOf(report, nowMs);
    group.count++;
    group.lastAtMs = nowMs;
    if (nowMs - group.toldAtMs < this.#options.eventEvery || !this.#mayTell(nowMs)) return;
    group.toldAtMs = nowMs;
    this.#ports.events.emit('CSP_VIOLATION', {
      ...(address === undefined ? {} : { address }),
      subject: group.directive,
      details: {
        directive: group.directive,
        blocked: group.blocked,
        page: report.page,
        disposition: report.disposition,
        count: group.count,
        nextAfter: formatDuration(this.#options.eventEvery),
      },
    });
  }

  #groupOf(report: CspReport, nowMs: number): Group {
    const { directive } = report;
    const key = `${directive} ${report.blocked}`;
    const known = this.#groups.get(key);
    if (known) return known;
    if (this.#groups.size >= this.#options.maxGroups) this.#forget(nowMs);
    // Directives are a closed set, so that these overflow groups are few.
    const full = this.#groups.size >= this.#options.maxGroups;
    const blocked = full ? OTHER : report.blocked;
    const other = full ? this.#groups.get(`${directive} ${OTHER}`) : undefined;
    if (other) return other;
    const group: Group = { directive, blocked, count: 0, lastAtMs: nowMs, toldAtMs: -Infinity };
    this.#groups.set(`${directive} ${blocked}`, group);
    return group;
  }

  #forget(nowMs: number): void {
    for (const [key, group] of this.#groups)
      if (nowMs - group.lastAtMs > this.#options.forgetAfter) this.#groups.delete(key);
  }

  #mayTell(nowMs: number): boolean {
    const minute = Math.floor(nowMs / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#toldThisMinute = 0;
    }
    return this.#toldThisMinute++ < this.#options.maxEventsPerMinute;
  }

  groups(): readonly CspGroup[] {
    return [...this.#groups.values()]
      .map(({ directive, blocked, count, lastAtMs }) => ({ directive, blocked, count, lastAtMs }))
      .toSorted((a, b) => b.count - a.count || b.lastAtMs - a.lastAtMs);
  }
}
