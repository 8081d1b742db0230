/** Kinds of attack that inspection tells apart. */
export const ATTACK_CLASSES = [
  'sql',
  'xss',
  'traversal',
  'command',
  'nosql',
  'template',
  'code',
  'xxe',
  'ldap',
  'crlf',
  'ssrf',
  'ssi',
  'pollution',
  'scanner',
  'protocol',
] as const;
/** One of `ATTACK_CLASSES`. */
export type AttackClass = (typeof ATTACK_CLASSES)[number];

/** Where in a request a value stood. `name` is a place for the name itself: of a parameter, a key, a cookie. */
export type Place =
  | 'path'
  | 'query'
  | 'header'
  | 'cookie'
  | 'form'
  | 'json'
  | 'multipart'
  | 'xml'
  | 'graphql'
  | 'text'
  | 'filename'
  | 'name';

/** What a field was declared to hold, where that is known: its values add to the score but never refuse alone. */
export type FieldKind = 'html' | 'code' | 'secret' | 'text';

/** Where a value came from. */
export interface Where {
  readonly place: Place;
  /** Name of the parameter, header, cookie or JSON path (`user.name`, `items[].note`); empty for a path. */
  readonly name: string;
  readonly kind?: FieldKind;
}

/** What a rule saw in a value. */
export interface Signal {
  /** Stable id of the rule: `sql.tautology`. */
  readonly rule: string;
  readonly class: AttackClass;
  /** Log-odds of an attack given what was seen; they add up per request. 5 is enough to refuse alone. */
  readonly weight: number;
}

/** Takes down what detectors see in one value: a rule counts once per value, however often it fits. */
export interface Signals {
  /** Notes a signal. Signals are constants of their rule: nothing is made per request. */
  add(signal: Signal): void;
}

/**
 * Looks at one normal form of a value: percent, entities and the like are decoded already, each layer given apart. Pure;
 * in time linear in the length of `value`, whatever it holds.
 */
export type Detect = (value: string, where: Where, out: Signals) => void;

/** A detector of the list in `detect/index.ts`. */
export interface Detector {
  /** Unique; the console and the documentation name it. */
  readonly name: string;
  readonly detect: Detect;
}
