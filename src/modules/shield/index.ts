/** The shield: who is not let in at all. */
export type {
  Block,
  BlockChange,
  BlockList,
  BlockListPorts,
  BlockRefusalCode,
  BlockResult,
  NewBlock,
} from './block.ts';
export { blockList } from './block-list.ts';
export {
  blockDecider,
  type BlockFacts,
  type BlockFeatures,
  type BlockState,
  matcher,
  matches,
} from './decide.ts';
export type { BlockListOptions } from './options.ts';
