import type { IdentityPorts } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { KeyRing } from '../token/index.ts';
import type { SessionCache } from './cache.ts';
import type { RevocationFeed } from './feed.ts';
import type { SessionSettings } from './options.ts';
import type { Refusals } from './refusals.ts';

/** What sessions stand on. */
export interface SessionPorts extends IdentityPorts {
  /** Told after a stolen refresh token was seen and its session has ended: the notice to its owner. */
  readonly onReuse?: (account: string, session: string, facts: ClientFacts) => void | Promise<void>;
}

/** The parts of one `Sessions`, handed to each other. */
export interface SessionHouse {
  readonly ports: SessionPorts;
  readonly settings: SessionSettings;
  readonly ring: KeyRing;
  readonly cache: SessionCache;
  readonly feed: RevocationFeed;
  readonly refusals: Refusals;
  /** Runs what nobody waits for; failures are logged. */
  readonly background: (what: string, work: () => Promise<unknown>) => void;
}
