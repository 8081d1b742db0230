import { guardHono } from '../adapters/hono/index.ts';
import { attach, type Attached, type AttachOptions } from '../server/attach.ts';
import type { RampartConfig } from '../server/config.ts';

export {
  contextOf,
  guardHono,
  rowOf,
  type HonoGuard,
  type HonoGuardOptions,
  type HonoValidate,
} from '../adapters/hono/index.ts';
export { defineRampart, type RampartConfig } from '../server/config.ts';

/** The middleware, with what manages it. */
export type Guard = ReturnType<typeof guardHono> & Attached;

/**
 * Composes a Rampart and makes it a middleware for Hono: `app.use(guard)`, `app.onError(guard.onError)`.
 * @throws OptionsError naming the path and the reason; RampartError of a store that cannot be opened
 */
export async function rampart(config: RampartConfig = {}, options: AttachOptions = {}): Promise<Guard> {
  const attached = await attach(config, options);
  return Object.assign(guardHono(attached.house), attached);
}
