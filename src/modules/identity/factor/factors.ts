import type { Factors } from '../contract.ts';
import { createBackupCodes } from './backup.ts';
import { createCodes } from './codes.ts';
import { type FactorOptions, readFactorOptions } from './options.ts';
import { createPasskeys } from './passkeys.ts';
import type { FactorPorts } from './ports.ts';
import { createSummary } from './summary.ts';
import { createTotp } from './totp.ts';

/**
 * Makes the second factors: authenticator apps, backup codes, codes by SMS and mail, passkeys. Whatever is accepted is
 * accepted once, under any race and on any node, because one statement of the database decides. A refusal is counted or
 * consumed in the caller's transaction, which must therefore commit also when the answer was no.
 * @throws OptionsError
 */
export function createFactors(options: FactorOptions, ports: FactorPorts): Factors {
  const settings = readFactorOptions('factors', options);
  return {
    ...createSummary(settings, ports),
    ...createTotp(settings, ports),
    ...createBackupCodes(ports),
    codes: createCodes(settings, ports),
    passkeys: createPasskeys(settings, ports),
  };
}
