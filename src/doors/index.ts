/** The package's own door: the kernel, and the configuration with its types. */
export * from '../core/index.ts';
export {
  defineRampart,
  type RampartConfig,
  type RecordOptions,
  type RouteOptions,
} from '../server/config.ts';
