import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createLogger } from '../../../base/observe/index.ts';
import { systemClock } from '../../../core/clock.ts';
import { OptionsError, RampartError } from '../../../core/errors.ts';
import { readDetectOptions } from '../../../modules/detect/index.ts';
import { readIdentityOptions } from '../../../modules/identity/index.ts';
import { memoryCounters } from '../../../stores/memory/counter.ts';
import { houseAccess, prepareAccess } from '../../access.ts';
import { findConfigFile, loadConfigFile, readConfig, type ReadConfig } from '../../config.ts';
import { defaultConfig } from '../../default-config.ts';
import { buildHouse } from '../../house.ts';
import type { ConfigurationFacts } from './checks.ts';

/** Reads the configuration as a start would, and composes everything that it describes without serving anybody. */
export async function gatherConfiguration(
  named: string | undefined,
  folder: string,
  dataDir?: string,
): Promise<ConfigurationFacts & { readonly config: ReadConfig | undefined }> {
  const file =
    named === undefined
      ? (findConfigFile(folder) ?? findConfigFile(resolve(folder, 'src')))
      : resolve(folder, named);
  if (file !== undefined && !existsSync(file))
    return { file, error: `${file} is not there, though RAMPART_CONFIG names it.`, config: undefined };
  try {
    const config = readConfig(file === undefined ? defaultConfig : await loadConfigFile(file));
    await compose(config, dataDir);
    return { file, error: undefined, config };
  } catch (error) {
    if (!(error instanceof OptionsError || error instanceof RampartError)) throw error;
    return { file, error: error.message, config: undefined };
  }
}

/** Modules check their own options when they are made; those of accounts, without making them. */
async function compose(config: ReadConfig, dataDir: string | undefined): Promise<void> {
  // Whether the address of the environment will do is told by the settings.
  if (config.identity !== false)
    readIdentityOptions('identity', { publicUrl: 'https://localhost', ...config.identity });
  readDetectOptions(config.detect);
  const counters = memoryCounters({ clock: systemClock });
  const house = buildHouse(config, {
    node: 'doctor',
    ...(dataDir === undefined ? {} : { dataDir }),
    log: createLogger({ level: 'error', sink: { write: () => undefined } }),
    counters,
    localCounters: counters,
    sink: { write: () => undefined },
    ...(config.access === false
      ? {}
      : { access: houseAccess(prepareAccess(config.access, config.rules), neverAsked, () => false) }),
  });
  await house.close();
}

function neverAsked(): never {
  throw new Error('a house that is only examined meets no request');
}
