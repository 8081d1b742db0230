import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RampartError } from '../core/errors.ts';
import type { RampartConfig } from './config.ts';

const CONFIG_NAMES = ['rampart.config.ts', 'rampart.config.js', 'rampart.config.mjs'];

/** The configuration file of a folder, or `undefined`. */
export function findConfigFile(folder: string): string | undefined {
  return CONFIG_NAMES.map((name) => resolve(folder, name)).find((path) => existsSync(path));
}

/**
 * Loads a configuration file (TypeScript needs Node.js 22.18 or later).
 * @throws RampartError `CONFIG_UNREADABLE` when it cannot be loaded or exports no configuration
 */
export async function loadConfigFile(path: string): Promise<RampartConfig> {
  let loaded: { default?: unknown };
  try {
    loaded = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
  } catch (error) {
    throw new RampartError(
      'CONFIG_UNREADABLE',
      `${path} cannot be loaded: ${error instanceof Error ? error.message : 'unknown error'}`,
      { cause: error },
    );
  }
  if (typeof loaded.default !== 'object' || loaded.default === null) {
    throw new RampartError(
      'CONFIG_UNREADABLE',
      `${path} exports no configuration. End it with: export default defineRampart({ … })`,
    );
  }
  return loaded.default;
}
