import { guardNode, type RequireNode, requireNode } from '../adapters/node/index.ts';
import { attach, type Attached, type AttachOptions } from '../server/attach.ts';
import type { RampartConfig } from '../server/config.ts';

export {
  contextOf,
  guardNode,
  nodeView,
  onClientError,
  requireNode,
  type ClientErrorHandler,
  type GuardedListener,
  type NodeGuardOptions,
  type NodeHandler,
  type NodeRowHandler,
  type RequireNode,
} from '../adapters/node/index.ts';
export { defineRampart, type RampartConfig } from '../server/config.ts';

/** The guard, with what manages it. */
export type Guard = ReturnType<typeof guardNode> & Attached & { readonly require: RequireNode };

/**
 * Composes a Rampart and makes it a guard for node:http: `createServer(guard(handler))`.
 * @throws OptionsError naming the path and the reason; RampartError of a store that cannot be opened
 */
export async function rampart(config: RampartConfig = {}, options: AttachOptions = {}): Promise<Guard> {
  const attached = await attach(config, options);
  return Object.assign(guardNode(attached.house), attached, { require: requireNode(attached.house) });
}
