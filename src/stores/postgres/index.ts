export { postgresBus } from './bus.ts';
export { type EmbeddedPorts, openEmbedded } from './embedded.ts';
export { migrate, type MigrateOptions, type Migration } from './migrate.ts';
export type { EmbeddedOptions, ServerOptions } from './options.ts';
export { openServer, type PoolCounts, type ServerPorts, type ServerSqlStore } from './server.ts';
export { readTls, type TlsMode, type TlsSettings } from './tls.ts';
