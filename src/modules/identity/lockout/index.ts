export { createLockout, type LockoutPorts } from './lockout.ts';
export { accountKeys, emailKey } from './names.ts';
export { type LockoutOptions, type LockoutSettings, readLockoutOptions } from './options.ts';
export { MAX_BUCKETS, pruneLockout } from './prune.ts';
