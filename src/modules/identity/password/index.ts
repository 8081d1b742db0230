export { calibrate, type Calibration, type CalibrationPorts } from './calibrate.ts';
export { createPasswordHasher, type HasherPorts } from './hasher.ts';
export {
  leastMemoryKib,
  PASSWORD_PROFILES,
  type PasswordOptions,
  type PasswordProfile,
  type PasswordSettings,
  type PepperKey,
  readPasswordOptions,
} from './options.ts';
export { createPasswordPolicy, type PolicyPorts } from './policy.ts';
export { policyWarnings } from './profiles.ts';
export { HashQueueFullError } from './queue.ts';
export { type ArgonParameters, readStored } from './stored.ts';
