export { decide, type Decision } from './decide.ts';
export { type Detection, MAX_LINKED, readDetection } from './detection.ts';
export { createDetector, type Detector, type DetectorPorts, type DetectorState } from './detector.ts';
export { FIELDS, type EventField, type Place, type PlaceOf } from './fields.ts';
export type { Features } from './features.ts';
export type { Hours } from './hours.ts';
export {
  type BaselineOptions,
  type DetectionType,
  DETECTION_TYPES,
  type DetectOptions,
  RECOMMENDATIONS,
  type Recommendation,
  type RuleOptions,
} from './options.ts';
export { readDetectOptions, type ReadDetect } from './read-options.ts';
export {
  replay,
  type ReplayedGroup,
  type ReplayedRule,
  type ReplayPorts,
  type ReplayReport,
} from './replay.ts';
export { readRule, type Rule } from './rule.ts';
export { detectPrograms } from './state/programs.ts';
export type { Comparison, Where } from './where.ts';
export { wordsOf } from './words.ts';
