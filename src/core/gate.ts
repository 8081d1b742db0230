import type { BodyWalk } from './body-stage.ts';
import type { RequestContext } from './context.ts';
import type { Demand, DemandSpec } from './demand.ts';
import type { Intake } from './intake.ts';
import type { RequestView } from './request.ts';
import type { MakeValidation } from './validation.ts';
import type { Reply } from './verdict.ts';

/** What an adapter finds missing on the server that a request came through. */
export interface ServerFlaws {
  /** Nobody bounds the time and the company of connections: node:http's own bounds are wide. */
  readonly unbounded: boolean;
  /** Somebody takes handshakes of WebSockets, which walk no corridor. */
  readonly unguardedUpgrades: boolean;
}

/** What an adapter needs of the house: the corridor's two ends, and words for what a handler threw. */
export interface Gate {
  /** Walks a request through the corridor. Never throws, never rejects; a promise only when a guard had to wait. */
  enter(request: RequestView): RequestContext | Promise<RequestContext>;
  /**
   * Opens the way of the body past the guards that want to see it, to be asked before the application is called; null or
   * absent where none does. The context has a reply when the request is refused.
   */
  readonly openBody?: (context: RequestContext) => BodyWalk | null;
  /** To be called once per entered request, when its response has ended or the client has gone. */
  leave(context: RequestContext, status: number, bytes: number, aborted: boolean): void;
  /**
   * Says what to answer when a handler threw; logs what nobody expected under an error id.
   * @param peer given where the bytes never became a request: the socket's address, empty where it has none
   */
  fail(error: unknown, context: RequestContext | undefined, peer?: string): Reply;
  /**
   * What `guard.require` asks; absent where no policy is configured.
   * @throws OptionsError for a permission that the policy does not know, or that needs a row and is given none
   */
  readonly demand?: (permission: string, spec: DemandSpec) => Demand;
  /** What `guard.upload` asks; `undefined` for a name that is not configured. */
  readonly upload?: (name: string) => Intake | undefined;
  /** Told once of what the server lacks that an adapter's requests come through. Must not throw. */
  readonly onServerFlaws?: (flaws: ServerFlaws) => void;
  /** What `guard.validate` runs. */
  readonly validation?: MakeValidation;
}
