import {
  guardNode,
  type RequireNode,
  requireNode,
  type UploadNode,
  uploadNode,
  type ValidateNode,
  validateNode,
} from '../adapters/node/index.ts';
import { attach, type Attached, type AttachOptions } from '../server/attach.ts';
import type { RampartConfig } from '../server/config.ts';

export {
  contextOf,
  guardNode,
  guardUpgrades,
  hardenServer,
  nodeView,
  onClientError,
  requireNode,
  validateNode,
  type ClientErrorHandler,
  type CutReason,
  type GuardedListener,
  type Hardened,
  type HardenOptions,
  type HardenPorts,
  type NodeGuardOptions,
  type NodeHandler,
  type NodeRowHandler,
  type RequireNode,
  type UploadNode,
  uploadNode,
  type ValidateNode,
  type NodeValidateOptions,
} from '../adapters/node/index.ts';
export { defineRampart, type RampartConfig } from '../server/config.ts';

/** The guard, with what manages it. */
export type Guard = ReturnType<typeof guardNode> &
  Attached & {
    readonly require: RequireNode;
    readonly upload: UploadNode;
    readonly validate: ValidateNode;
  };

/**
 * Composes a Rampart and makes it a guard for node:http: `createServer(guard(handler))`.
 * @throws OptionsError naming the path and the reason; RampartError of a store that cannot be opened
 */
export async function rampart(config: RampartConfig = {}, options: AttachOptions = {}): Promise<Guard> {
  const attached = await attach(config, options);
  return Object.assign(guardNode(attached.house), attached, {
    require: requireNode(attached.house),
    upload: uploadNode(attached.house),
    validate: validateNode(attached.house),
  });
}
