import type { BufferedSink, Logger } from '../base/observe/index.ts';
import type { HealthAnswer } from './api/types.ts';
import type { ReadConfig } from './config.ts';
import type { ServerEnvironment } from './environment.ts';
import type { Foundation } from './foundation.ts';
import type { House } from './house.ts';

/** What a server is started with. */
export interface ServerOptions {
  readonly environment: ServerEnvironment;
  readonly config: ReadConfig;
  readonly log: Logger;
  /** Where access lines go. */
  readonly accessSink: BufferedSink;
  /** Findings of the start-up checks, shown on the health page. */
  readonly findings?: readonly HealthAnswer['findings'][number][];
}

/** A running server. */
export interface RampartServer {
  readonly house: House;
  readonly foundation: Foundation;
  /** Port that it listens on. */
  readonly port: number;
  /** Address for people. */
  readonly publicUrl: string;
  /** A single-use link that signs in to the console. */
  setupLink(): Promise<string>;
  /** Stops accepting, lets requests end (at most `graceMs`), writes everything down, closes the stores. */
  stop(graceMs?: number): Promise<void>;
}
