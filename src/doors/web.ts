import { guardWeb, type RequireWeb, requireWeb } from '../adapters/web/index.ts';
import { attach, type Attached, type AttachOptions } from '../server/attach.ts';
import type { RampartConfig } from '../server/config.ts';

export {
  contextOf,
  guardWeb,
  requireWeb,
  webView,
  type RequireWeb,
  type WebHandler,
  type WebInfo,
  type WebRowHandler,
} from '../adapters/web/index.ts';
export { defineRampart, type RampartConfig } from '../server/config.ts';

type Handler = Parameters<typeof guardWeb>[1];

/** Guards a handler of Request and Response, with what manages it. */
export type Guard = ((handler: Handler) => ReturnType<typeof guardWeb>) &
  Attached & { readonly require: RequireWeb };

/**
 * Composes a Rampart for runtimes that speak Request and Response: `export default { fetch: guard(handler) }`.
 * @throws OptionsError naming the path and the reason; RampartError of a store that cannot be opened
 */
export async function rampart(config: RampartConfig = {}, options: AttachOptions = {}): Promise<Guard> {
  const attached = await attach(config, options);
  return Object.assign((handler: Handler) => guardWeb(attached.house, handler), attached, {
    require: requireWeb(attached.house),
  });
}
