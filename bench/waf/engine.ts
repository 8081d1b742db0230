import type { RequestContext } from '../../src/core/context.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type Corridor, createCorridor } from '../../src/core/corridor.ts';
import type { Evidence } from '../../src/core/decide.ts';
import type { Guard } from '../../src/core/guard.ts';
import { addressReader } from '../../src/core/proxy.ts';
import type { RequestView } from '../../src/core/request.ts';
import {
  inspection,
  type InspectionFeatures,
  type InspectionOptions,
  scoreOf,
} from '../../src/modules/shield/inspect/index.ts';

/** A line of a request set. */
export interface SetRequest {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly bodyB64?: string;
  readonly label: 'attack' | 'legit';
  readonly class: string;
  readonly source: string;
  readonly placement?: string;
}

/** What inspection said of a request. */
export interface Outcome {
  readonly refused: boolean;
  readonly score: number;
  readonly features: InspectionFeatures;
}

/** Inspection alone, without a server around it. */
export class Engine {
  readonly guard: Guard;
  readonly #corridor: Corridor;

  constructor(options: InspectionOptions = {}) {
    this.guard = inspection(options, { events: { emit: () => undefined } });
    this.#corridor = createCorridor({
      guards: [this.guard],
      clock: systemClock,
      readClient: addressReader({ trustProxy: false }),
    });
  }

  /** Walks one request through. */
  judge(request: SetRequest): Outcome {
    const context = this.#corridor.enter(viewOf(request)) as RequestContext;
    if (context.reply === null) {
      const walk = this.#corridor.openBody(context);
      const body = bodyOf(request);
      if (walk !== null && !(body.length > 0 && walk.write(body))) walk.end();
    }
    const evidence = this.guard.evidence?.(context) as Evidence<InspectionFeatures>;
    const { features } = evidence;
    return { refused: context.reply !== null, score: scoreOf(features.findings, 5), features };
  }
}

/** The bytes of a request's body. */
export function bodyOf({ body, bodyB64 }: SetRequest): Buffer {
  return bodyB64 === undefined ? Buffer.from(body ?? '') : Buffer.from(bodyB64, 'base64');
}

function viewOf(request: SetRequest): RequestView {
  const raw: string[] = [];
  const byName = new Map<string, string>();
  for (const [name, values] of Object.entries(request.headers ?? {})) {
    for (const value of typeof values === 'string' ? [values] : values) {
      raw.push(name, value);
      const lower = name.toLowerCase();
      const known = byName.get(lower);
      byName.set(lower, known === undefined ? value : `${known}, ${value}`);
    }
  }
  const { length } = bodyOf(request);
  if (length > 0 && !byName.has('content-length')) byName.set('content-length', String(length));
  return {
    method: request.method,
    target: request.path,
    peer: '203.0.113.7',
    encrypted: true,
    header: (name) => byName.get(name),
    rawHeaders: () => raw,
  };
}
