import type { BodyInspection } from '../../../core/body-stage.ts';
import type { RequestContext } from '../../../core/context.ts';
import type { Decider } from '../../../core/decide.ts';
import { fact } from '../../../core/fact.ts';
import type { Guard, RouteInfo } from '../../../core/guard.ts';
import { PASS, type Verdict } from '../../../core/verdict.ts';
import { DeclaredFields } from './declared.ts';
import { type Finding, inspectionDecider, type InspectionFeatures } from './decide.ts';
import type { LiveExclusions } from './exclusions.ts';
import { type BodyBounds, scanBody } from './extract/body.ts';
import { scanParsed } from './extract/parsed.ts';
import { rememberAgent, scanHead } from './extract/head.ts';
import type { BodyScan } from './extract/sink.ts';
import { Inspector } from './inspector.ts';
import {
  type InspectionOptions,
  type InspectionRouteOptions,
  readInspection,
  routeInspection,
} from './options.ts';
import { compilePolicy, type Policy } from './policy.ts';
import { AttackNotices, type InspectionPorts } from './notices.ts';

/** What was found in a request so far; absent for the many in which nothing was. */
const Found = fact<InspectionFeatures>('inspectionFound');
const NOTHING: InspectionFeatures = { findings: [], problem: null, field: '' };

/** What a route says of inspection: `false` for none. */
export type InspectionSettings = (route: RouteInfo) => InspectionRouteOptions | false | undefined;

/** The guard, and the memory that bodies may take which wait for it: bytes, all requests together. */
export interface InspectionGuardParts extends Guard {
  readonly maxHeldBytes: number;
}

/**
 * Makes the guard that looks into requests: addresses, headers, cookies and bodies.
 * @param settingsOf what a route says of it
 * @param declared what the schemas of routes say of their fields; may be added to at any time
 * @throws OptionsError naming the path and the reason
 */
export function inspection(
  options: InspectionOptions,
  ports: InspectionPorts,
  settingsOf: InspectionSettings = () => undefined,
  declared = new DeclaredFields(),
): InspectionGuardParts {
  return new InspectionGuard(options, ports, settingsOf, declared);
}

class InspectionGuard implements InspectionGuardParts {
  readonly name = 'inspection';
  readonly phase = 'screen';
  readonly mode;
  readonly maxHeldBytes;
  readonly onError = 'deny';
  readonly decider = inspectionDecider as Decider;
  readonly #house;
  readonly #policies = new Map<RouteInfo, Policy | null>();
  readonly #settingsOf: InspectionSettings;
  readonly #declared: DeclaredFields;
  readonly #notices: AttackNotices;
  readonly #exclusions: LiveExclusions | undefined;
  /** Of the head; a body has one of its own, since bodies of several requests come at the same time. */
  readonly #inspector: Inspector;

  constructor(
    options: InspectionOptions,
    ports: InspectionPorts,
    settingsOf: InspectionSettings,
    declared: DeclaredFields,
  ) {
    this.#declared = declared;
    this.#house = readInspection(options);
    this.mode = this.#house.mode;
    this.maxHeldBytes = this.#house.maxHeldBytes;
    this.#settingsOf = settingsOf;
    this.#notices = new AttackNotices(ports);
    this.#exclusions = ports.exclusions;
    this.#inspector = new Inspector(compilePolicy(this.#house));
  }

  appliesTo(route: RouteInfo): boolean {
    return this.#policyOf(route) !== null;
  }

  #policyOf(route: RouteInfo): Policy | null {
    let policy = this.#policies.get(route);
    if (policy === undefined) {
      const own = this.#settingsOf(route);
      policy =
        own === false
          ? null
          : compilePolicy(
              routeInspection(this.#house, own ?? {}, `routes['${route.name}'].shield.inspection`),
            );
      this.#policies.set(route, policy);
      const live = policy?.live;
      if (live !== undefined) this.#exclusions?.follow(route, (acting) => (live.acting = acting));
    }
    return policy;
  }

  #policyFor({ plan, request, path }: RequestContext): Policy {
    return this.#declared.policyFor(this.#policyOf(plan.route) as Policy, request.method, path);
  }

  check(context: RequestContext): Verdict {
    const policy = this.#policyFor(context);
    const inspector = this.#inspector;
    inspector.start(policy, [], context);
    scanHead(context.request, policy.calmAgents, inspector);
    if (!inspector.asked && inspector.wrong === null) return PASS;
    if (inspector.findings.length === 0 && inspector.wrong === null) {
      const agent = context.request.header('user-agent');
      if (agent !== undefined && !inspector.leftOut) rememberAgent(policy.calmAgents, agent);
      return PASS;
    }
    return this.#judge(context, inspector, policy);
  }

  openBody(context: RequestContext): BodyInspection | null {
    const policy = this.#policyFor(context);
    if (!policy.options.bodies) return null;
    const { request } = context;
    const type = request.header('content-type');
    if (type === undefined && !hasBody(context)) return null;
    const inspector = new Inspector(policy);
    const known = context.get(Found)?.findings ?? [];
    inspector.start(policy, known, context);
    // Each line of a stream is judged by itself: little things of an honest one would add up.
    const nextLine = (): boolean => {
      if (inspector.isDone) return false;
      inspector.start(policy, known, context);
      return true;
    };
    const head = { type, encoding: request.header('content-encoding'), target: request.target };
    return new InspectedBody(
      scanBody(head, policy.options, inspector, nextLine),
      inspector,
      policy.options,
      () => this.#judge(context, inspector, policy),
    );
  }

  /** Keeps what was found, and asks the decider. */
  #judge(context: RequestContext, inspector: Inspector, policy: Policy): Verdict {
    const features: InspectionFeatures = {
      findings: inspector.findings.slice(),
      problem: inspector.wrong,
      field: inspector.field,
    };
    context.set(Found, features);
    const verdict = inspectionDecider.decide(features, stateOf(policy), context.nowMs);
    if (verdict.kind === 'pass') return PASS;
    this.#notices.tell(context, strongestClass(features.findings), this.mode);
    return verdict;
  }

  evidence(context: RequestContext) {
    const policy = this.#policyOf(context.plan.route);
    if (policy === null) return undefined;
    return { features: context.get(Found) ?? NOTHING, state: stateOf(policy), atMs: context.nowMs };
  }
}

/** A body on its way past the inspector. */
class InspectedBody implements BodyInspection {
  readonly #scan: BodyScan;
  readonly #inspector: Inspector;
  readonly #bounds: BodyBounds;
  readonly #judge: () => Verdict;
  /** Findings of the head. */
  readonly #known: number;

  constructor(scan: BodyScan, inspector: Inspector, bounds: BodyBounds, judge: () => Verdict) {
    this.#scan = scan;
    this.#inspector = inspector;
    this.#bounds = bounds;
    this.#judge = judge;
    this.#known = inspector.findings.length;
  }

  get streams(): boolean {
    return this.#scan.streams === true;
  }

  get holdBytes(): number {
    return this.#scan.passing ? 0 : this.#bounds.maxBodyBytes;
  }

  write(chunk: Uint8Array): Verdict {
    return this.#scan.write(chunk) ? this.#verdict() : PASS;
  }

  end(): Verdict {
    this.#scan.end();
    return this.#verdict();
  }

  parsed(value: object): Verdict {
    scanParsed(value, this.#bounds, this.#inspector);
    return this.#verdict();
  }

  #verdict(): Verdict {
    const { wrong, findings } = this.#inspector;
    return wrong === null && findings.length === this.#known ? PASS : this.#judge();
  }
}

function stateOf(policy: Policy) {
  return { threshold: policy.options.threshold };
}

function hasBody({ request }: RequestContext): boolean {
  const length = request.header('content-length');
  if (length !== undefined) return length !== '0';
  if (request.header('transfer-encoding') !== undefined) return true;
  // Over HTTP/2, and on runtimes with Request and Response alone, nothing tells of a body.
  return request.method !== 'GET' && request.method !== 'HEAD';
}

/** The class that weighs most: the name of the event. */
function strongestClass(findings: readonly Finding[]): string {
  const sums = new Map<string, number>();
  for (const one of findings) sums.set(one.class, (sums.get(one.class) ?? 0) + one.weight);
  return [...sums].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 'shape';
}
