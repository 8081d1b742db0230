export { type CutReason, type Hardened, type HardenPorts, hardenServer } from './harden.ts';
export type { HardenOptions } from './options.ts';
