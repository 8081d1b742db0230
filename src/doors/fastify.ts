import { guardFastify } from '../adapters/fastify/index.ts';
import { attach, type Attached, type AttachOptions } from '../server/attach.ts';
import type { RampartConfig } from '../server/config.ts';

export {
  contextOf,
  guardFastify,
  rowOf,
  type FastifyGuard,
  type FastifyGuardOptions,
  type FastifyValidate,
} from '../adapters/fastify/index.ts';
export { defineRampart, type RampartConfig } from '../server/config.ts';

/** The plugin, with what manages it. */
export type Guard = ReturnType<typeof guardFastify> & Attached;

/**
 * Composes a Rampart and makes it a plugin for Fastify: `await app.register(guard)`.
 * @throws OptionsError naming the path and the reason; RampartError of a store that cannot be opened
 */
export async function rampart(config: RampartConfig = {}, options: AttachOptions = {}): Promise<Guard> {
  const attached = await attach(config, options);
  return Object.assign(guardFastify(attached.house), attached);
}
