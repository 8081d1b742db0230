import type { RampartEvent } from '../../core/events.ts';
import type { Alerts } from '../../modules/respond/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { inputsOf } from './inputs.ts';

/** A line of an alert's story about a response. */
export interface ResponseRemark {
  readonly atMs: number;
  /** Null for the system. */
  readonly by: string | null;
  readonly text: string;
}

/** Alerts as responses speak to them. */
export interface AlertLink {
  /** Id of the alert of what a detector saw, raised where nobody has yet; null where it becomes none. */
  alertOf(event: RampartEvent): Promise<string | null>;
  /** Whether there is such an alert. */
  has(alert: string): Promise<boolean>;
  /** Adds to an alert's story, in the transaction of what it tells. */
  remark(tx: SqlRunner, alert: string, remark: ResponseRemark): Promise<void>;
  /** Tells whoever looks at alerts that a story has grown. */
  changed(): void;
}

interface Opened {
  readonly alerts: Pick<Alerts, 'book' | 'store'>;
  readonly changed: () => void;
}

/** Has responses carry their alert, and alerts tell of their responses. @param opened asked late; undefined without alerts */
export function alertLink(opened: () => Opened | undefined): AlertLink {
  return {
    async alertOf(event) {
      const book = opened()?.alerts.book;
      const input = inputsOf(event).find(({ kind }) => kind === 'occurrence');
      if (book === undefined || input?.kind !== 'occurrence') return null;
      return (await book.alertOf(input.one)) ?? null;
    },
    has: async (alert) => (await opened()?.alerts.store.get(alert)) !== undefined,
    remark: async (tx, alert, remark) =>
      opened()?.alerts.book.remark(tx, alert, { ...remark, kind: 'response' }),
    changed: () => opened()?.changed(),
  };
}
