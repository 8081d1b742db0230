import type { BlastRadius, Estimate, Responder, ResponseEntry, ResponseState } from '../../api/responses.ts';
import { percent, plural, whole } from '../../format/number.ts';

/** What a responder is called, what it does, and whom or what it takes. */
interface ResponderWords {
  readonly label: string;
  readonly does: string;
  /** What it takes beside a name of its own: words, and how they are read. */
  readonly words: readonly (readonly [word: string, label: string])[];
  /** What it takes by name; null where it takes words alone. */
  readonly takes: 'address' | 'account' | 'either' | null;
}

const EVERYBODY = ['all', 'Everybody'] as const;

export const RESPONDER: Readonly<Record<Responder, ResponderWords>> = {
  block: {
    label: 'Block',
    does: 'Refuses every request from there, or asks it for proof.',
    words: [],
    takes: 'address',
  },
  'tighten-limits': {
    label: 'Tighten limits',
    does: 'Adaptive limits take their requests for risky ones.',
    words: [EVERYBODY],
    takes: 'either',
  },
  'require-step-up': {
    label: 'Require a fresh factor',
    does: 'Asks for a second factor anew before anything else is done.',
    words: [EVERYBODY],
    takes: 'account',
  },
  'end-sessions': {
    label: 'End sessions',
    does: 'Signs the account out everywhere, once. This cannot be undone.',
    words: [],
    takes: 'account',
  },
  'lock-account': {
    label: 'Lock account',
    does: 'Refuses everything that the account asks for.',
    words: [],
    takes: 'account',
  },
  'raise-posture': {
    label: 'Raise the posture',
    does: 'The shield is stricter with everybody.',
    words: [
      ['elevated', 'Elevated'],
      ['attack', 'Under attack'],
    ],
    takes: null,
  },
  'freeze-payments': {
    label: 'Freeze payments',
    does: 'Routes that take payments refuse them.',
    words: [EVERYBODY],
    takes: 'account',
  },
  lockdown: {
    label: 'Lockdown',
    does: 'Closes the application; the console stays open.',
    words: [
      ['read-only', 'To reading'],
      ['admins-only', 'To administrators'],
    ],
    takes: null,
  },
  'disable-admins': {
    label: 'Close administration',
    does: 'Nobody but the operator key may administer.',
    words: [EVERYBODY],
    takes: null,
  },
};
export const RESPONDER_NAMES = Object.keys(RESPONDER) as readonly Responder[];

/** Whether a recommendation names a responder. */
export function isResponder(name: string): name is Responder {
  return Object.hasOwn(RESPONDER, name);
}

export const STATE_WORDS: Readonly<Record<ResponseState, string>> = {
  shadow: 'Would have acted',
  waiting: 'Waits for people',
  staged: 'Acts on a part',
  full: 'Acts',
  expired: 'Ran out',
  undone: 'Undone',
  'rolled-back': 'Taken back',
  refused: 'Refused',
};

/** Whether it acts on anybody. */
export function isActing({ state }: Pick<ResponseEntry, 'state'>): boolean {
  return state === 'staged' || state === 'full';
}

/** What it does to whom, in a few words. */
export function actWords({
  responder,
  target,
  how,
}: Pick<ResponseEntry, 'responder' | 'target' | 'how'>): string {
  const act = how === 'challenge' ? 'Challenge' : RESPONDER[responder].label;
  return `${act}: ${targetWords(responder, target)}`;
}

/** What becomes of those whom it meets. */
export function doesWords({ responder, how }: Pick<ResponseEntry, 'responder' | 'how'>): string {
  if (how === 'challenge')
    return 'Asks every request from there for a proof; browsers solve it by themselves.';
  return how === 'deny' ? 'Refuses every request from there.' : RESPONDER[responder].does;
}

/** A target as a reader sees it. */
export function targetWords(responder: Responder, target: string): string {
  const word = RESPONDER[responder].words.find(([name]) => name === target)?.[1];
  if (word !== undefined) return word.toLowerCase();
  return target.replace(/^user:/, 'account ');
}

/** Whom it touches, in a sentence. */
export function radiusWords({ requests, targeted, share, good, goodTargeted }: BlastRadius): string {
  if (requests === 0) return 'Nobody called within the day before, so nothing is known of whom it touches.';
  const traffic =
    targeted === 0
      ? `none of ${plural(requests, 'request')} of the day before`
      : `${percent(share)} of the traffic of the day before (${whole(targeted)} of ${plural(requests, 'request')})`;
  const people =
    good === 0
      ? 'nobody was in good standing then'
      : goodTargeted === 0
        ? `none of ${plural(good, 'person', 'people')} in good standing`
        : `${whole(goodTargeted)} of ${plural(good, 'person', 'people')} in good standing`;
  return `${traffic}; ${people}.`;
}

/** What becomes of a response that is asked for, in sentences. */
export function outcomeWords({
  outcome,
  approvalsNeeded,
}: Pick<Estimate, 'outcome' | 'approvalsNeeded'>): string {
  switch (outcome) {
    case 'act':
      return 'It begins at once, on every node within a second, and ends by itself.';
    case 'wait':
      return `It waits until ${plural(approvalsNeeded, 'person', 'people')} agree; you are the first. In an emergency the glass can be broken: then it acts without the others, and that is told to everybody.`;
    case 'refuse':
      return 'Nobody may do this.';
    case 'shadow':
      return 'It is only written down.';
  }
}

/** How far the people have come. */
export function approvalWords({ approvalsNeeded, approvedBy }: ResponseEntry): string {
  return `${approvedBy.length} of ${plural(approvalsNeeded, 'person', 'people')} ${approvalsNeeded === 1 ? 'agrees' : 'agree'}`;
}
