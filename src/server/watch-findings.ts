import type { HealthAnswer } from './api/types.ts';

type Finding = HealthAnswer['findings'][number];

/** How detection, alerts and responses stand. */
export interface WatchFacts {
  readonly production: boolean;
  /** Channels of the alerts; null where there are no alerts. */
  readonly channels:
    | readonly {
        readonly name: string;
        readonly kind: string;
        readonly error: string | null;
        readonly waiting: number;
      }[]
    | null;
  readonly mode: 'enforce' | 'shadow' | 'off';
  /** Responses that would have begun: how many are on record, and since when, milliseconds since the epoch. */
  readonly shadow: { readonly count: number; readonly sinceMs: number } | null;
  /** Since when this node detects alone, milliseconds since the epoch; null where it does not. */
  readonly aloneSinceMs: number | null;
}

const DAY_MS = 86_400_000;
/** As long as it takes to see what responses would do. */
const SHADOW_DAYS = 7;
/** Channels by which nobody is woken. */
const QUIET_KINDS = ['log'];

/** What is to be said about them: pure, so that the health page and `rampart doctor` say the same. */
export function watchFindings(facts: WatchFacts, nowMs: number): readonly Finding[] {
  return [...alertFindings(facts), ...shadowFindings(facts, nowMs), ...storeFindings(facts, nowMs)];
}

function alertFindings({ channels, production }: WatchFacts): readonly Finding[] {
  if (channels === null)
    return [
      {
        level: 'warning',
        text: 'Alerts are switched off: nobody is told of attacks or of what fails.',
        remedy: 'Leave alerts.enabled out of rampart.config.ts.',
      },
    ];
  const failing = channels
    .filter(({ error }) => error !== null)
    .map(({ name, error, waiting }): Finding => ({
      level: 'warning',
      text: `The alert channel ${name} fails, ${waiting} wait for it: ${error ?? ''}`,
      remedy: `Mend it, then: rampart alerts test ${name}`,
    }));
  if (!production || channels.some(({ kind }) => !QUIET_KINDS.includes(kind))) return failing;
  const text = 'Alerts stand in the log and on the console alone: nobody is told of them.';
  const remedy = 'Set alerts.channels in rampart.config.ts: mail, chat, pager or webhook.';
  return [{ level: 'warning', text, remedy }, ...failing];
}

function shadowFindings({ mode, shadow }: WatchFacts, nowMs: number): readonly Finding[] {
  const days = shadow === null ? 0 : Math.floor((nowMs - shadow.sinceMs) / DAY_MS);
  if (mode !== 'shadow' || shadow === null || days < SHADOW_DAYS) return [];
  return [
    {
      level: 'info',
      text: `Responses have been in shadow for ${days} days; ${shadow.count} would have begun.`,
      remedy: "Look at them (rampart respond list), then set responses.mode to 'enforce'.",
    },
  ];
}

function storeFindings({ aloneSinceMs }: WatchFacts, nowMs: number): readonly Finding[] {
  if (aloneSinceMs === null) return [];
  const minutes = Math.floor((nowMs - aloneSinceMs) / 60_000);
  return [
    {
      level: 'warning',
      text: `The store of the detectors does not answer, for ${minutes} min: each node sees its own part of an attack.`,
      remedy: 'See whether Redis answers.',
    },
  ];
}
