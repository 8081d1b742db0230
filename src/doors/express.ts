import { guardExpress } from '../adapters/express/index.ts';
import { attach, type Attached, type AttachOptions } from '../server/attach.ts';
import type { RampartConfig } from '../server/config.ts';

export {
  contextOf,
  guardExpress,
  rowOf,
  type ExpressGuard,
  type ExpressGuardOptions,
  type ExpressRequest,
  type ExpressRouted,
  type ExpressValidate,
} from '../adapters/express/index.ts';
export { defineRampart, type RampartConfig } from '../server/config.ts';

/** The middleware, with what manages it. */
export type Guard = ReturnType<typeof guardExpress> & Attached;

/**
 * Composes a Rampart and makes it a middleware for Express: `app.use(guard)` first, `app.use(guard.errors)` last.
 * @throws OptionsError naming the path and the reason; RampartError of a store that cannot be opened
 */
export async function rampart(config: RampartConfig = {}, options: AttachOptions = {}): Promise<Guard> {
  const attached = await attach(config, options);
  return Object.assign(guardExpress(attached.house), attached);
}
