import { createHash } from 'node:crypto';
import type { EventFields, EventType, RampartEvent, Severity } from '../../core/events.ts';
import type { Scalar } from '../../core/verdict.ts';
import type { Decision } from './decide.ts';
import { type EventField, fieldOf } from './fields.ts';
import type { Features } from './features.ts';
import { DETECTION_TYPES, type DetectionType, type Recommendation } from './options.ts';
import type { Rule } from './rule.ts';

/** What a detector saw. Plain data; the same on every node and in a replay. */
export interface Detection {
  /** `det_…`: made of rule, group and time, so that updates and other nodes name the same one. Time-ordered. */
  readonly id: string;
  readonly rule: string;
  readonly kind: DetectionType;
  readonly severity: Severity;
  readonly title: string;
  /** In plain words with the numbers. */
  readonly description: string;
  /** Values of the group's fields; empty where everything is counted together. */
  readonly group: Readonly<Record<string, string>>;
  /** The group as one text, such as `network=203.0.113.7`; empty where everything is counted together. */
  readonly key: string;
  /** Events (or what they weigh) in the window, and since. */
  readonly count: number;
  /** What was held against `threshold`. */
  readonly value: number;
  readonly threshold: number;
  readonly measure: Decision['measure'];
  /** Milliseconds since the epoch: first and last event, and when it was detected. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly detectedMs: number;
  /** The newest events of it that this node saw, oldest first; at most 50. */
  readonly events: readonly string[];
  /** The same detection, told before, whose count has doubled. */
  readonly updated: boolean;
  /** `local`: the shared store did not answer, or the node has too many groups; others may have seen more of it. */
  readonly countedBy: 'shared' | 'local';
  readonly references: readonly string[];
  readonly recommended: readonly Recommendation[];
  /** Who, about whom, from where: what the group or the last event says. */
  readonly actor?: string;
  readonly subject?: string;
  readonly address?: string;
  readonly route?: string;
}

/** Events that a detection names at most. */
export const MAX_LINKED = 50;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Makes the detection of a decision that is not quiet. */
export function detectionOf(
  features: Features,
  decision: Decision,
  event: RampartEvent,
  more: { readonly events: readonly string[]; readonly countedBy: Detection['countedBy'] },
): Detection {
  const { rule } = features;
  const group = Object.fromEntries(rule.group.map((field, i) => [field, features.values[i] as string]));
  const { count, value, threshold, measure, firstMs, lastMs, detectedMs } = decision;
  return {
    id: idOf(features.key, detectedMs),
    rule: rule.name,
    kind: rule.kind,
    severity: rule.severity,
    title: rule.title,
    description: describe(rule, group, decision),
    group,
    key: Object.entries(group)
      .map(([field, one]) => `${field}=${one}`)
      .join(' '),
    count,
    value,
    threshold,
    measure,
    firstMs,
    lastMs,
    detectedMs,
    events: more.events.slice(-MAX_LINKED),
    updated: decision.kind === 'updated',
    countedBy: more.countedBy,
    references: rule.references,
    recommended: rule.recommended,
    ...who(features, event),
  };
}

/** 26 characters like those of any other id: 48 bits of time, then 80 bits of rule and group. */
function idOf(key: string, atMs: number): string {
  let time = '';
  for (let rest = Math.floor(atMs), i = 0; i < 10; i++) {
    time = (ALPHABET[rest % 32] as string) + time;
    rest = Math.floor(rest / 32);
  }
  const digest = createHash('sha256').update(key).digest();
  let tail = '';
  for (let i = 0; i < 16; i++) tail += ALPHABET[(digest[i] as number) & 31];
  return `det_${time}${tail}`;
}

/** A field that says the same of every event of the group is true of the detection too. */
const IMPLIED: Readonly<Record<'actor' | 'subject' | 'address' | 'route', readonly EventField[]>> = {
  actor: ['actor'],
  subject: ['subject', 'account', 'target'],
  address: ['address', 'network'],
  route: ['route', 'target'],
};

function who(
  { rule }: Features,
  event: RampartEvent,
): Pick<Detection, 'actor' | 'subject' | 'address' | 'route'> {
  const found: Record<string, string> = {};
  for (const [field, fields] of Object.entries(IMPLIED)) {
    const isSingle = rule.count <= 1 && rule.distinct === undefined && rule.baseline === undefined;
    if (!isSingle && !fields.some((one) => rule.group.includes(one))) continue;
    const value = fieldOf(event, field as EventField);
    if (typeof value === 'string') found[field] = value;
  }
  return found;
}

/** Fills in the numbers. Values are cut, and a name that is not known stays as it is written. */
function describe(rule: Rule, group: Detection['group'], decision: Decision): string {
  const { count, value, threshold, distinct, share, usual } = decision;
  const words: Record<string, Scalar> = {
    ...group,
    count: inDigits(count),
    times: count === 1 ? 'once' : count === 2 ? 'twice' : `${inDigits(count)} times`,
    value: inDigits(value),
    threshold: threshold === Infinity ? 'not known yet' : inDigits(threshold),
    distinct,
    share: share === null ? '-' : `${Math.round(share * 100)} %`,
    usual: usual === null ? 'not known yet' : inDigits(usual),
    window: spanWords(rule.windowMs),
  };
  return rule.description.replaceAll(/\{([\w.-]+)\}/g, (whole, name: string) =>
    Object.hasOwn(words, name) ? String(words[name]).slice(0, 200) : whole,
  );
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** A length of time as people say it, in the largest unit of which it is a whole number: `15 minutes`. */
function spanWords(lengthMs: number): string {
  const [unit, unitMs] = UNITS.find(([, ms]) => lengthMs >= ms && lengthMs % ms === 0) ?? ['millisecond', 1];
  const many = lengthMs / unitMs;
  return many === 1 ? `1 ${unit}` : `${many} ${unit}s`;
}

const DIGITS = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 12 });

/** Three digits of what is small, and thousands apart. */
function inDigits(value: number): string {
  return DIGITS.format(Number(value.toPrecision(value >= 1_000 ? 12 : 3)));
}

/** The event that tells a detection. */
export function eventOf(detection: Detection): { readonly type: EventType; readonly fields: EventFields } {
  const { actor, subject, address, route } = detection;
  return {
    type: detection.updated ? 'DETECTION_UPDATED' : detection.kind,
    fields: {
      severity: detection.updated ? 'LOW' : detection.severity,
      ...(actor === undefined ? {} : { actor }),
      ...(subject === undefined ? {} : { subject }),
      ...(address === undefined ? {} : { address }),
      ...(route === undefined ? {} : { route }),
      details: {
        detection: detection.id,
        rule: detection.rule,
        title: detection.title,
        what: detection.description,
        group: detection.key,
        groupValues: JSON.stringify(detection.group),
        count: detection.count,
        value: detection.value,
        threshold: Number.isFinite(detection.threshold) ? detection.threshold : null,
        measure: detection.measure,
        firstMs: detection.firstMs,
        lastMs: detection.lastMs,
        detectedMs: detection.detectedMs,
        events: detection.events.join(' '),
        countedBy: detection.countedBy,
        kind: detection.kind,
        severity: detection.severity,
        references: detection.references.join('; '),
        recommended: detection.recommended.join(' '),
      },
    },
  };
}

/**
 * Reads a detection back from its event, for those who watch or search events.
 * @returns `undefined` for every other event
 */
export function readDetection(
  event: Pick<RampartEvent, 'type' | 'details' | 'actor' | 'subject' | 'address' | 'route'>,
): Detection | undefined {
  const { details } = event;
  const isOne =
    event.type === 'DETECTION_UPDATED' || (DETECTION_TYPES as readonly string[]).includes(event.type);
  if (!isOne || details?.['detection'] === undefined) return undefined;
  const text = (name: string): string => String(details[name] ?? '');
  const number = (name: string): number => Number(details[name] ?? 0);
  const words = (name: string, divider: string): string[] =>
    text(name)
      .split(divider)
      .filter((one) => one !== '');
  return {
    id: text('detection'),
    rule: text('rule'),
    kind: text('kind') as DetectionType,
    severity: text('severity') as Severity,
    title: text('title'),
    description: text('what'),
    group: groupOf(text('groupValues')),
    key: text('group'),
    count: number('count'),
    value: number('value'),
    threshold: details['threshold'] === null ? Infinity : number('threshold'),
    measure: text('measure') as Decision['measure'],
    firstMs: number('firstMs'),
    lastMs: number('lastMs'),
    detectedMs: number('detectedMs'),
    events: words('events', ' '),
    updated: event.type === 'DETECTION_UPDATED',
    countedBy: text('countedBy') === 'local' ? 'local' : 'shared',
    references: words('references', '; '),
    recommended: words('recommended', ' ') as Recommendation[],
    ...(event.actor === undefined ? {} : { actor: event.actor }),
    ...(event.subject === undefined ? {} : { subject: event.subject }),
    ...(event.address === undefined ? {} : { address: event.address }),
    ...(event.route === undefined ? {} : { route: event.route }),
  };
}

function groupOf(text: string): Readonly<Record<string, string>> {
  try {
    const read = JSON.parse(text) as unknown;
    return typeof read === 'object' && read !== null ? (read as Record<string, string>) : {};
  } catch {
    return {};
  }
}
