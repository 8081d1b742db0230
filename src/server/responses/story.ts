import type { EventType } from '../../core/events.ts';
import { isActing, type Lease } from '../../modules/respond/index.ts';

type Said = (what: string, lease: Lease, why: string) => string;

const STORIES: Readonly<Partial<Record<EventType, Said>>> = {
  RESPONSE_WOULD_START: (what) => `${what} would have begun; responses are in shadow.`,
  RESPONSE_WAITING: (what, { approvalsNeeded }) =>
    `${what} waits for ${approvalsNeeded === 1 ? 'somebody' : `${approvalsNeeded} people`} to agree.`,
  RESPONSE_STARTED: (what, lease) => `${what} ${actsOn(lease)}.`,
  RESPONSE_WIDENED: (what) => `${what} acts on all of its target.`,
  RESPONSE_APPROVED: (what, lease) =>
    `${what} was agreed to, and ${isActing(lease) ? actsOn(lease) : 'waits on'}.`,
  RESPONSE_EXTENDED: (what, { expiresAtMs }) => `${what} acts until ${timeOf(expiresAtMs)}.`,
  RESPONSE_BREAK_GLASS: (what, lease, why) => `${what} ${actsOn(lease)}, without a second person${why}.`,
  RESPONSE_REFUSED: (what, lease) => `${what} was refused by ${lease.endedBy}${objectionsOf(lease)}.`,
  RESPONSE_UNDONE: (what, { endedBy }) => `${what} was undone by ${endedBy}.`,
  RESPONSE_ROLLED_BACK: (what, { endedBy }) => `${what} was taken back: ${endedBy}`,
  RESPONSE_EXPIRED: (what) => `${what} has run out.`,
};

/** What the story of its alert says of a response, in one line. @param reason said with the act, where one was */
export function storyOf(type: EventType, lease: Lease, reason: string | undefined): string {
  const what = `${lease.responder} ${lease.target}`;
  return STORIES[type]?.(what, lease, reason === undefined ? '' : `: ${reason}`) ?? `${what}: ${type}.`;
}

function actsOn({ stage, state, expiresAtMs }: Lease): string {
  const part = state === 'staged' ? `on ${Math.round(stage * 100)} % first, ` : '';
  return `acts ${part}until ${timeOf(expiresAtMs)}`;
}

function objectionsOf({ objections }: Lease): string {
  return objections.length === 0 ? '' : ` (${objections.map(({ code }) => code).join(', ')})`;
}

function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
