export { createDevices, type DevicePorts } from './devices.ts';
export { type DeviceOptions, type DeviceSettings, readDeviceOptions } from './options.ts';
export { pruneDevices } from './prune.ts';
