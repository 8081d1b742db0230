import {
  guardWeb,
  type RequireWeb,
  requireWeb,
  type UploadWeb,
  uploadWeb,
  type ValidateWeb,
  validateWeb,
} from '../adapters/web/index.ts';
import { attach, type Attached, type AttachOptions } from '../server/attach.ts';
import type { RampartConfig } from '../server/config.ts';

export {
  contextOf,
  guardWeb,
  requireWeb,
  validateWeb,
  webView,
  type RequireWeb,
  type UploadWeb,
  uploadWeb,
  type ValidateWeb,
  type WebValidateOptions,
  type WebHandler,
  type WebInfo,
  type WebRowHandler,
} from '../adapters/web/index.ts';
export { defineRampart, type RampartConfig } from '../server/config.ts';

type Handler = Parameters<typeof guardWeb>[1];

/** Guards a handler of Request and Response, with what manages it. */
export type Guard = ((handler: Handler) => ReturnType<typeof guardWeb>) &
  Attached & { readonly require: RequireWeb; readonly upload: UploadWeb; readonly validate: ValidateWeb };

/**
 * Composes a Rampart for runtimes that speak Request and Response: `export default { fetch: guard(handler) }`.
 * @throws OptionsError naming the path and the reason; RampartError of a store that cannot be opened
 */
export async function rampart(config: RampartConfig = {}, options: AttachOptions = {}): Promise<Guard> {
  const attached = await attach(config, options);
  return Object.assign((handler: Handler) => guardWeb(attached.house, handler), attached, {
    require: requireWeb(attached.house),
    upload: uploadWeb(attached.house),
    validate: validateWeb(attached.house),
  });
}
