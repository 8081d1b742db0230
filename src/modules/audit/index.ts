export {
  type BundlePage,
  type BundleQuery,
  BUNDLE_PAGE,
  bundleLines,
  type OnAuditProgress,
  type PageSource,
  readBundlePage,
  verifyBundle,
} from './bundle.ts';
export { canonicalJson, type Json } from './canonical.ts';
export { type AuditCheck, readCheck, verifyLive } from './check.ts';
export type { By, Erasure } from './erase.ts';
export type { Expiry } from './expire.ts';
export {
  type Hold,
  holdTables,
  liftHold,
  MAX_HOLDS,
  type NewHold,
  NOT_HELD,
  placeHold,
  readHolds,
} from './holds.ts';
export type { LeafEntry, PartCommitment, PartOpening } from './leaf.ts';
export { AuditLog } from './log.ts';
export {
  type Checkpoint,
  type CheckpointSigner,
  keyText,
  localSigner,
  openNote,
  readKeyText,
  signNote,
} from './note.ts';
export { auditFields, type AuditOptions, readAuditOptions } from './options.ts';
export type { AuditPorts, AuditWords, CheckpointFile, CheckpointSink } from './ports.ts';
export { type BundleEntry, type LogQuery, readEntries, type StoredCheckpoint } from './read.ts';
export { type RangeFilter, type RangeQuery, readRangePage } from './range.ts';
export { type AuditReceipt, readConsistency, readReceipt } from './receipt.ts';
export type { AuditStatus } from './status.ts';
export { auditTables } from './tables.ts';
export {
  consistencyRanges,
  Frontier,
  inclusionRanges,
  isConsistent,
  leafHash,
  nodeHash,
  rangeRoot,
  rootFromInclusion,
} from './tree.ts';
export { type AuditReport, AuditVerifier, verifyReceipt } from './verifier.ts';
