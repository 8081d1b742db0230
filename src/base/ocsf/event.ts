import type { EventClass, Severity } from '../../core/events.ts';
import type { Scalar } from '../../core/verdict.ts';
import { ocsfKind, type OcsfKind } from './classes.ts';

/** What is mapped: an event as it is emitted, or as it is read again; null and undefined are left out. */
export interface OcsfSource {
  readonly id: string;
  readonly type: string;
  readonly severity: Severity;
  readonly class: EventClass;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly node: string;
  readonly about: string;
  readonly outcome?: string | null | undefined;
  readonly actor?: string | null | undefined;
  readonly subject?: string | null | undefined;
  readonly address?: string | null | undefined;
  readonly place?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
  readonly session?: string | null | undefined;
  readonly route?: string | null | undefined;
  readonly decision?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  readonly traceId?: string | null | undefined;
  readonly details?: Readonly<Record<string, Scalar>> | null | undefined;
  readonly resolvedAtMs?: number | null | undefined;
  readonly resolvedBy?: string | null | undefined;
}

/** An object of the schema. */
export type OcsfObject = Readonly<Record<string, unknown>>;

/** Version of the schema (https://schema.ocsf.io/1.3.0) that is written. */
export const OCSF_VERSION = '1.3.0';

const SEVERITY: Readonly<Record<Severity, readonly [number, string]>> = {
  LOW: [2, 'Low'],
  MEDIUM: [3, 'Medium'],
  HIGH: [4, 'High'],
  CRITICAL: [5, 'Critical'],
};
const METHOD = /^([A-Z]{3,10}) (\/.*)$/s;

/**
 * An event as an object of the Open Cybersecurity Schema Framework. What the schema has no attribute for is under `unmapped`,
 * so that nothing is lost.
 * @param version of the product, default `1`
 */
export function ocsfEvent(event: OcsfSource, version = '1'): OcsfObject {
  const [, method, path] = METHOD.exec(event.route ?? '') ?? [];
  const kind = ocsfKind(event.type, event.class, method);
  const [severityId, severity] = SEVERITY[event.severity];
  return {
    activity_id: kind.activity.id,
    activity_name: kind.activity.name,
    category_uid: kind.category.uid,
    category_name: kind.category.name,
    class_uid: kind.class.uid,
    class_name: kind.class.name,
    type_uid: kind.class.uid * 100 + kind.activity.id,
    type_name: `${kind.class.name}: ${kind.activity.name}`,
    time: timeOf(event.atMs),
    message: event.about,
    severity_id: severityId,
    severity,
    ...statusOf(event, kind),
    metadata: present({
      version: OCSF_VERSION,
      uid: event.id,
      event_code: event.type,
      log_name: event.class,
      correlation_uid: event.traceId ?? event.requestId ?? event.decision,
      product: { name: 'Rampart', vendor_name: 'Rampart', version },
    }),
    ...ofClass(event, kind, requestOf(event, method, path)),
    ...listed('observables', observablesOf(event)),
    unmapped: unmappedOf(event),
  };
}

/** Of findings the status is where somebody is with them; of all else, how it ended. */
function statusOf({ outcome, resolvedAtMs }: OcsfSource, kind: OcsfKind): OcsfObject {
  if (kind.class.uid === 2004)
    return typeof resolvedAtMs === 'number'
      ? { status_id: 4, status: 'Resolved' }
      : { status_id: 1, status: 'New' };
  if (outcome === 'success') return { status_id: 1, status: 'Success' };
  if (outcome === 'failure' || outcome === 'refused')
    return { status_id: 2, status: 'Failure', status_detail: outcome };
  return { status_id: 0, status: 'Unknown' };
}

/** What a class has of its own, and what it demands: a source where none is known is the node itself. */
function ofClass(event: OcsfSource, { class: { uid } }: OcsfKind, request: OcsfObject | null): OcsfObject {
  const source = sourceOf(event);
  const common = {
    actor: actorOf(event),
    ...(source === null ? {} : { src_endpoint: source }),
    ...(request === null ? {} : { http_request: request }),
  };
  switch (uid) {
    case 2004:
      return {
        is_alert: event.severity === 'HIGH' || event.severity === 'CRITICAL',
        finding_info: {
          uid: event.id,
          title: event.about,
          types: [event.type],
          created_time: timeOf(event.atMs),
        },
        evidences: [common],
      };
    case 3001:
    case 3002:
    case 3005:
      return {
        ...common,
        user: userOf(event.subject ?? event.actor ?? 'unknown'),
        ...(uid === 3002 ? { service: { name: event.node }, ...sessionOf(event) } : {}),
      };
    case 4002:
      return { ...common, http_request: request ?? { uid: event.id } };
    case 6002:
      return { ...common, app: { name: 'Rampart', vendor_name: 'Rampart' } };
    case 6003:
      return {
        ...common,
        src_endpoint: source ?? { name: event.node },
        api: { operation: event.type },
        ...listed('resources', event.subject ? [{ uid: event.subject }] : []),
      };
    default:
      return common;
  }
}

/** The schema demands one of a few members: the house itself acts where nobody is named. */
function actorOf(event: OcsfSource): OcsfObject {
  const { actor } = event;
  return { ...(actor ? { user: userOf(actor) } : { app_name: 'rampart' }), ...sessionOf(event) };
}

function userOf(id: string): OcsfObject {
  return { uid: id };
}

function sessionOf({ session }: OcsfSource): OcsfObject {
  return session ? { session: { uid: session } } : {};
}

function sourceOf({ address, place }: OcsfSource): OcsfObject | null {
  return address ? present({ ip: address, location: place ? { desc: place } : undefined }) : null;
}

function requestOf(
  { userAgent, requestId, decision }: OcsfSource,
  method: string | undefined,
  path: string | undefined,
): OcsfObject | null {
  const request = present({
    http_method: method,
    url: path === undefined ? undefined : { path },
    user_agent: userAgent,
    uid: requestId ?? decision,
  });
  return Object.keys(request).length === 0 ? null : request;
}

/** What an analyst goes on from, with its type of the schema. */
function observablesOf({ address, actor, subject, userAgent }: OcsfSource): readonly OcsfObject[] {
  return [
    ...(address ? [{ name: 'src_endpoint.ip', type: 'IP Address', type_id: 2, value: address }] : []),
    ...(actor ? [{ name: 'actor.user.uid', type: 'User Name', type_id: 4, value: actor }] : []),
    ...(subject && subject !== actor
      ? [{ name: 'subject', type: 'Other', type_id: 99, value: subject }]
      : []),
    ...(userAgent
      ? [{ name: 'http_request.user_agent', type: 'HTTP User-Agent', type_id: 16, value: userAgent }]
      : []),
  ];
}

function unmappedOf(event: OcsfSource): OcsfObject {
  const { details, node, subject, route, decision, requestId, traceId, resolvedAtMs, resolvedBy } = event;
  return present({
    node,
    subject,
    route,
    decision,
    request: requestId,
    trace: traceId,
    resolved_time: resolvedAtMs,
    resolved_by: resolvedBy,
    details: details && Object.keys(details).length > 0 ? details : undefined,
  });
}

function listed(name: string, members: readonly OcsfObject[]): OcsfObject {
  return members.length === 0 ? {} : { [name]: members };
}

function present(object: Readonly<Record<string, unknown>>): OcsfObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  );
}

/** Whole milliseconds, as the schema has them; of a time that is none the epoch. */
function timeOf(atMs: number): number {
  return Number.isFinite(atMs) ? Math.floor(atMs) : 0;
}
