/** Request inspection: what stands in addresses, headers, cookies and bodies. */
export { DeclaredFields, type SchemaFields } from './declared.ts';
export {
  type Finding,
  inspectionDecider,
  type InspectionFeatures,
  type InspectionState,
  scoreOf,
} from './decide.ts';
export {
  exclusionFits,
  isInspectionRule,
  type LiveExclusion,
  LiveExclusions,
  MAX_LIVE_EXCLUSIONS,
  type Visit,
  wholeClassesOf,
} from './exclusions.ts';
export { inspection, type InspectionSettings } from './guard.ts';
export { Inspector } from './inspector.ts';
export type { InspectionPorts } from './notices.ts';
export { readInspection } from './options.ts';
export type { Exclusion, FieldDeclaration, InspectionOptions, InspectionRouteOptions } from './options.ts';
export { type ReplayedInspection, replayInspection } from './replay.ts';
export {
  ATTACK_CLASSES,
  type AttackClass,
  type FieldKind,
  type Place,
  type Signal,
  type Where,
} from './types.ts';
