import { accountTables } from './accounts.ts';
import { deviceTables } from './device.ts';
import { factorTables } from './factor.ts';
import { lockoutTables } from './lockout.ts';
import { notifyTables } from './notify.ts';
import { sessionTables } from './session.ts';

/** Every table of identity, in the schema `rampart`, which must be there. */
export const identityTables: string = [
  accountTables,
  sessionTables,
  factorTables,
  lockoutTables,
  deviceTables,
  notifyTables,
].join('\n');
