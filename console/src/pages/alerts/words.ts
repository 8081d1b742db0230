import type { AlertNote } from '../../api/alerts.ts';

const CAUSES: Readonly<Record<string, string>> = {
  raised: 'of this alert',
  reopened: 'that it came back',
  worse: 'that it became worse',
  again: 'that it goes on',
  escalated: 'that nobody has taken it',
  acknowledged: 'that somebody is at it',
  resolved: 'that it is settled',
};

/** A line of an alert's story in words, to be read after the name of who did it. */
export function noteWords({ kind, text, by }: AlertNote): {
  readonly what: string;
  /** Whom it was given to. */
  readonly whom: string | null;
  /** What was said with it. */
  readonly text: string;
} {
  const plain = (what: string): ReturnType<typeof noteWords> => ({ what, whom: null, text });
  switch (kind) {
    case 'told': {
      const [, channel, cause = ''] = /^(.*): (\w+)$/.exec(text) ?? [];
      if (channel === undefined) return plain('told people');
      return { what: `told ${channel} ${CAUSES[cause] ?? ''}`.trim(), whom: null, text: '' };
    }
    case 'assigned': {
      const whom = /^To (\S+:\S+)\.$/.exec(text)?.[1];
      if (whom !== undefined) return { what: 'gave it to', whom, text: '' };
      return { what: text === 'To nobody.' ? 'gave it up' : 'assigned it', whom: null, text: '' };
    }
    case 'note':
      return plain('wrote');
    case 'raised':
      return plain('raised');
    case 'grew':
      return plain('grew');
    case 'acknowledged':
      return plain('acknowledged it');
    case 'resolved':
      return plain('settled it');
    case 'reopened':
      return plain('opened it again');
    case 'snoozed':
      return plain('snoozed it');
    case 'undone':
      return plain('took the last act back');
    case 'escalated':
      return plain('told once more');
    case 'response':
      return plain(by === null ? 'response' : 'acted');
    case 'untold':
      return plain('could not be told');
    default:
      return plain(kind);
  }
}
