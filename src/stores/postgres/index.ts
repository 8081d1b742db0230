export { postgresBus } from './bus.ts';
export { type EmbeddedPorts, openEmbedded } from './embedded.ts';
export { migrate, type MigrateOptions, type Migration } from './migrate.ts';
export type { EmbeddedOptions, ServerOptions } from './options.ts';
export { openServer, type ServerPorts } from './server.ts';
