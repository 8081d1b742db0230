import type { RampartEvent } from '../../core/events.ts';
import { type AlertInput, concernsAll, type Occurrence } from '../../modules/respond/index.ts';

/** Events of responses that are brought to the alerts: some are alerts, some settle one, and some mean nothing to them. */
export const RESPONSE_TYPES = [
  'RESPONSE_WAITING',
  'RESPONSE_STARTED',
  'RESPONSE_APPROVED',
  'RESPONSE_BREAK_GLASS',
  'RESPONSE_REFUSED',
  'RESPONSE_UNDONE',
  'RESPONSE_EXPIRED',
  'RESPONSE_ROLLED_BACK',
] as const;
type ResponseType = (typeof RESPONSE_TYPES)[number];

/** Rules of these alerts, named as the event that raises them. */
type Rule = 'RESPONSE_WAITING' | 'RESPONSE_STARTED' | 'RESPONSE_BREAK_GLASS' | 'RESPONSE_ROLLED_BACK';
const KINDS: Readonly<Record<Rule, { readonly title: string; readonly advice: string }>> = {
  RESPONSE_WAITING: { title: 'A response waits for people to agree', advice: 'Approve or refuse it.' },
  RESPONSE_STARTED: {
    title: 'A response that concerns everybody acts',
    advice: 'Undo it as soon as it is no longer needed.',
  },
  RESPONSE_BREAK_GLASS: {
    title: 'Somebody acted without the second person',
    advice: 'Ask who did it, and why.',
  },
  RESPONSE_ROLLED_BACK: {
    title: 'A response was taken back by itself',
    advice: 'See whom it harmed, before it is begun again.',
  },
};

/** Whether an event is of a response. */
export function isOfResponse(event: RampartEvent): event is RampartEvent & { readonly type: ResponseType } {
  return (RESPONSE_TYPES as readonly string[]).includes(event.type);
}

/** What an event of a response means for the alerts. Those of one responder and target belong together. */
export function responseInputs(event: RampartEvent & { readonly type: ResponseType }): readonly AlertInput[] {
  const responder = textOf(event, 'responder');
  const target = event.subject ?? '';
  const acts = ['staged', 'full'].includes(textOf(event, 'state'));
  const isForAll = concernsAll(responder, target);
  const { raises, settles } = meaningOf(event.type, acts, isForAll);
  const group = `${responder} ${target}`;
  const parts = [
    ...settles.map(([rule, text]) => (id: string): AlertInput => ({
      kind: 'recovery',
      event: id,
      rule,
      group,
      text,
    })),
    ...raises.map((rule) => (id: string): AlertInput => ({
      kind: 'occurrence',
      one: raised(event, rule, group, id),
    })),
  ];
  if (parts.length === 0) return [{ kind: 'nothing', event: event.id }];
  // Each takes the event in once; the last one by its own name, so that it is not looked for again.
  return parts.map((part, at) => part(at === parts.length - 1 ? event.id : `${event.id}:${at}`));
}

interface Meaning {
  readonly raises: readonly Rule[];
  readonly settles: readonly (readonly [Rule, string])[];
}

function meaningOf(type: ResponseType, acts: boolean, isForAll: boolean): Meaning {
  const begun: readonly Rule[] = acts && isForAll ? ['RESPONSE_STARTED'] : [];
  const over: Meaning['settles'] = isForAll ? [['RESPONSE_STARTED', 'It acts no more.']] : [];
  switch (type) {
    case 'RESPONSE_WAITING':
      return { raises: ['RESPONSE_WAITING'], settles: [] };
    case 'RESPONSE_STARTED':
      return { raises: begun, settles: [] };
    case 'RESPONSE_APPROVED':
      return { raises: begun, settles: acts ? [['RESPONSE_WAITING', 'It acts now.']] : [] };
    case 'RESPONSE_BREAK_GLASS':
      return { raises: ['RESPONSE_BREAK_GLASS'], settles: [['RESPONSE_WAITING', 'It acts now.']] };
    case 'RESPONSE_REFUSED':
      return { raises: [], settles: [['RESPONSE_WAITING', 'It was refused.']] };
    case 'RESPONSE_UNDONE':
    case 'RESPONSE_EXPIRED':
      return { raises: [], settles: [['RESPONSE_WAITING', 'It waits no more.'], ...over] };
    case 'RESPONSE_ROLLED_BACK':
      return { raises: ['RESPONSE_ROLLED_BACK'], settles: over };
  }
}

function raised(event: RampartEvent, rule: Rule, group: string, id: string): Occurrence {
  const { title, advice } = KINDS[rule];
  const ended = textOf(event, 'endedBy');
  const by =
    event.actor === undefined || event.actor === 'responses' ? textOf(event, 'startedBy') : event.actor;
  return {
    event: id,
    rule,
    group,
    title: `${title}: ${group}`,
    description: `${group}, by ${by}: ${textOf(event, 'reason')}${ended === '' ? '' : ` (${ended})`}`,
    severity: rule === 'RESPONSE_STARTED' ? 'HIGH' : event.severity,
    count: 1,
    part: null,
    firstAtMs: event.atMs,
    lastAtMs: event.atMs,
    events: [event.id],
    recommended: [{ do: 'responses', text: advice, target: textOf(event, 'id') || null }],
  };
}

function textOf({ details }: RampartEvent, name: string): string {
  const value = details?.[name];
  return typeof value === 'string' ? value : '';
}
