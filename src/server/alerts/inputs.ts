import type { RampartEvent } from '../../core/events.ts';
import { type Detection, DETECTION_TYPES, readDetection } from '../../modules/detect/index.ts';
import type { AlertInput, AlertRecommendation, Occurrence } from '../../modules/respond/index.ts';
import { ADVICE, ALERT_KINDS, type AlertKind, RECOVERIES, SAID_BY_EVENT } from './kinds.ts';
import { isOfResponse, RESPONSE_TYPES, responseInputs } from './response-inputs.ts';

/** Types of events that are brought to the alerts. */
export const ALERT_TYPES: readonly string[] = [
  ...DETECTION_TYPES,
  'DETECTION_UPDATED',
  ...Object.keys(ALERT_KINDS),
  ...Object.keys(RECOVERIES),
  ...RESPONSE_TYPES,
];

/** What an event means for the alerts; of a recovery one input for each rule that it settles. */
export function inputsOf(event: RampartEvent): readonly AlertInput[] {
  if (isOfResponse(event)) return responseInputs(event);
  if (Object.hasOwn(RECOVERIES, event.type)) return recoveries(event);
  if (Object.hasOwn(ALERT_KINDS, event.type)) {
    const kind: AlertKind = ALERT_KINDS[event.type as keyof typeof ALERT_KINDS];
    return [{ kind: 'occurrence', one: failing(event, kind) }];
  }
  const detection = readDetection(event);
  if (detection !== undefined && SAID_BY_EVENT.includes(detection.rule))
    return [{ kind: 'nothing', event: event.id }];
  if (detection !== undefined) return [{ kind: 'occurrence', one: detected(event, detection) }];
  return ALERT_TYPES.includes(event.type) ? [{ kind: 'occurrence', one: plain(event) }] : [];
}

function recoveries(event: RampartEvent): readonly AlertInput[] {
  const { rules, text } = RECOVERIES[event.type as keyof typeof RECOVERIES];
  return rules.map((rule, at) => ({
    kind: 'recovery',
    // Each rule takes the event in once; the last one by its own name, so that it is not looked for again.
    event: at === rules.length - 1 ? event.id : `${event.id}:${rule}`,
    rule,
    group: groupOf(event, ALERT_KINDS[rule]),
    text,
  }));
}

function groupOf(event: RampartEvent, { group }: Pick<AlertKind, 'group'>): string {
  if (group === 'node') return `node=${event.node}`;
  return group === 'all' || event.subject === undefined ? '' : event.subject;
}

function failing(event: RampartEvent, kind: AlertKind): Occurrence {
  return {
    ...common(event),
    rule: kind.as ?? event.type,
    group: groupOf(event, kind),
    title: kind.title,
    description: `${event.about}${facts(event)}`,
    count: countOf(event),
    recommended: [{ do: kind.page, text: kind.advice, target: null }],
  };
}

function detected(event: RampartEvent, detection: Detection): Occurrence {
  const { id, rule, key, title, description, severity, count, firstMs, lastMs, events } = detection;
  return {
    event: event.id,
    rule,
    group: key,
    title,
    description,
    severity,
    count: Math.max(1, Math.floor(count)),
    part: id,
    firstAtMs: Math.min(firstMs, lastMs),
    lastAtMs: lastMs,
    // What was counted, then what says so.
    events: [...events, event.id],
    recommended: detection.recommended.map((one) => recommendation(one, detection)),
  };
}

/** An event of a detection's type that somebody else emitted. */
function plain(event: RampartEvent): Occurrence {
  return {
    ...common(event),
    rule: event.type,
    group: event.subject ?? event.actor ?? event.address ?? '',
    title: event.about.replace(/\.$/, '').slice(0, 120),
    description: event.about,
    count: 1,
    recommended: [{ do: 'look', text: ADVICE['look'] as string, target: null }],
  };
}

function common(event: RampartEvent) {
  const { id, severity, atMs } = event;
  return { event: id, severity, part: null, firstAtMs: atMs, lastAtMs: atMs, events: [id] };
}

function recommendation(name: string, { subject, actor, address }: Detection): AlertRecommendation {
  const whom = name === 'block' ? (address ?? subject ?? actor) : (subject ?? actor ?? address);
  return { do: name, text: ADVICE[name] ?? name, target: whom ?? null };
}

/** How many were lost or skipped, where the event says so. */
function countOf({ details }: RampartEvent): number {
  const count = details?.['count'];
  return typeof count === 'number' && count >= 1 ? Math.floor(count) : 1;
}

/** A few facts of an event, short. */
function facts({ details }: RampartEvent): string {
  const said = Object.entries(details ?? {})
    .filter(([, value]) => value !== null && value !== '')
    .slice(0, 5)
    .map(([name, value]) => `${name} ${String(value).slice(0, 200)}`);
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}
