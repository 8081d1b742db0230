import type { FactorKind, Notices } from '../contract.ts';
import type { IdentityPorts } from '../ports.ts';

/** What second factors stand on. */
export interface FactorPorts extends IdentityPorts {
  /** Sends codes by mail. */
  readonly notices: Pick<Notices, 'send'>;
  /** Factors of an account that were tried wrongly too often, as the lockout has them; none where left out. */
  readonly disabledOf?: (account: string) => Promise<readonly FactorKind[]>;
}
