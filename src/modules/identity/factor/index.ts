export { createFactors } from './factors.ts';
export { type CodeOptions, type FactorOptions, type PasskeyOptions, readFactorOptions } from './options.ts';
export { normalizePhone, type Phone, phoneHint } from './phone.ts';
export type { FactorPorts } from './ports.ts';
