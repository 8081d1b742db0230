import type { Duration } from '../../../core/duration.ts';
import { duration, type Fields, number, readOptions } from '../../../core/options.ts';

/** How long and how many devices are remembered. */
export interface DeviceOptions {
  /** Devices of one account, 1 to 200, default 50; the one not seen for longest is forgotten. */
  readonly maxPerAccount?: number;
  /** Age from which a sign-in gives a cookie a new secret, so that copies of it end; 1d to 365d, default 30d. */
  readonly rotateAfter?: Duration;
  /** Time without a sign-in after which a device is forgotten; 1d to 400d (no browser keeps cookies longer), default 400d. */
  readonly forgetAfter?: Duration;
}

/** `DeviceOptions`, checked; times in milliseconds. */
export type DeviceSettings = { readonly [K in keyof DeviceOptions]-?: number };

const FIELDS: Fields<DeviceSettings> = {
  maxPerAccount: number({ min: 1, max: 200, default: 50 }),
  rotateAfter: duration({ min: '1d', max: '365d', default: '30d' }),
  forgetAfter: duration({ min: '1d', max: '400d', default: '400d' }),
};

/**
 * Checks the options of devices.
 * @throws OptionsError naming the path and the reason
 */
export function readDeviceOptions(path: string, given: unknown): DeviceSettings {
  return readOptions<DeviceSettings>(path, given, FIELDS);
}
