import type { AlertEntry } from './alert-types.ts';
import type { ResponseEntry } from './response-types.ts';

/** Answer of GET /admin/decisions/{id}/followed and of GET /admin/events/{id}/followed: what came of it. */
export interface FollowedAnswer {
  /** The newest first, at most 20. */
  readonly alerts: readonly {
    readonly alert: AlertEntry;
    /** It names the event; else it is about the same caller and went on at that time. */
    readonly isNamed: boolean;
  }[];
  /** Responses that name the event as evidence, or were begun for one of those alerts; the newest first, at most 20. */
  readonly responses: readonly ResponseEntry[];
}
