import type { RequestContext } from './context.ts';
import type { Demand, DemandSpec } from './demand.ts';
import type { RequestView } from './request.ts';
import type { Reply } from './verdict.ts';

/** What an adapter needs of the house: the corridor's two ends, and words for what a handler threw. */
export interface Gate {
  /** Walks a request through the corridor. Never throws, never rejects; a promise only when a guard had to wait. */
  enter(request: RequestView): RequestContext | Promise<RequestContext>;
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
}
