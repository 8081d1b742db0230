/** The shield: who is not let in at all. */
export {
  type Block,
  blockList,
  type BlockChange,
  type BlockList,
  type BlockListPorts,
  type BlockRefusalCode,
  type BlockResult,
  type NewBlock,
} from './block-list.ts';
export {
  blockDecider,
  type BlockFacts,
  type BlockFeatures,
  type BlockState,
  matcher,
  matches,
} from './decide.ts';
export type { BlockListOptions } from './options.ts';
