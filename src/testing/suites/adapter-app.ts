import type { Server } from 'node:http';
import {
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  NotFoundError,
  RateLimitError,
  ValidationError,
} from '../../core/errors.ts';
import type { Gate } from '../../core/gate.ts';
import { ManualClock } from '../clock.ts';
import type { TestHouse } from './adapter-house.ts';

/** What the applications of the suite share with it, beside the wire. */
export class Stage {
  /** How often a handler was called. */
  calls = 0;
  /** Timers of adapters that take some. */
  readonly clock = new ManualClock();
  #release: (() => void)[] = [];

  /** Waited for by `/stream` between its two chunks. */
  held(): Promise<void> {
    return new Promise((resolve) => this.#release.push(resolve));
  }

  /** Lets streams go on. */
  release(): void {
    for (const go of this.#release.splice(0)) go();
  }
}

/** An application that runs behind the adapter. */
export interface RunningApp {
  readonly server: Server;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Builds and starts the suite's application on a framework, behind the gate. Its routes:
 *
 * | route | does |
 * |---|---|
 * | GET /hello | 200 `hello`, text/plain |
 * | GET /nonce | 200, the nonce that the handler reads from the context |
 * | GET /own | 200 `own` with own headers: x-frame-options SAMEORIGIN, vary accept, x-powered-by app, set-cookie app=1 |
 * | GET /redirect | 302 to /hello |
 * | GET /empty | 204 |
 * | GET /items/:id | 200, the id |
 * | POST /echo | 200, how many bytes the body had |
 * | GET /throw/:kind | throws `thrown(kind)` |
 * | GET /reject/:kind | the same, after a wait |
 * | GET /marked | sets cache-control `public, max-age=600` and etag, then throws `thrown('conflict')` |
 * | GET /stream | 200, `one`, waits for `stage.held()`, `two` |
 * | GET /broken | 200, `one`, then breaks |
 * | GET /hang | never answers |
 *
 * Everything else is not found. Each handler counts in `stage.calls`.
 */
export type StartApp = (gate: Gate, stage: Stage) => Promise<RunningApp>;

/** Words that no response may contain. */
export const SECRET = 'secret-of-the-handler';

/** The error of a kind. */
export function thrown(kind: string): Error {
  const known: Readonly<Record<string, () => Error>> = {
    validation: () => new ValidationError('Not valid.', { details: [{ field: 'name', code: 'required' }] }),
    authentication: () => new AuthenticationError(),
    authorization: () => new AuthorizationError(),
    missing: () => new NotFoundError(),
    conflict: () => new ConflictError(),
    limit: () => new RateLimitError(17),
  };
  return known[kind]?.() ?? new Error(SECRET);
}

/** What a framework's router can tell. */
export interface AdapterTraits {
  /** The router knows patterns, and the adapter hands them on. */
  readonly labels: boolean;
  /** The adapter has the connection in its hands, and closes it when a body is refused halfway. */
  readonly ownsConnection: boolean;
}

/** What scenarios stand on; new for each test, but for the running application. */
export interface Scene {
  readonly house: TestHouse;
  readonly stage: Stage;
  readonly app: RunningApp;
  readonly port: number;
}
