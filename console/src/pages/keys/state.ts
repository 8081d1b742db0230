import type { KeyPurpose, KeysAnswer, KeyView, RotationProgress } from '../../api/keys.ts';
import { whole } from '../../format/number.ts';

/** What a purpose is for, as a reader sees it. */
export const PURPOSES: Readonly<Record<KeyPurpose, { readonly label: string; readonly about: string }>> = {
  fields: { label: 'Fields', about: 'Encrypts columns of the application' },
  payment: { label: 'Payment', about: 'Encrypts card and account numbers' },
  index: { label: 'Index', about: 'Blind indexes, by which encrypted columns are searched' },
  hmac: { label: 'Signatures', about: 'Signs and verifies messages (HMAC)' },
  identity: { label: 'Identity', about: 'Encrypts second factors of accounts' },
};
/** Name by which a purpose is known to the command line and the configuration. */
export const purposeOf = (text: string | undefined): KeyPurpose | undefined =>
  (Object.keys(PURPOSES) as KeyPurpose[]).find((one) => one === text);

/** Random 96-bit nonces: at most 2^32 under one key (NIST SP 800-38D 8.3), then it stops. */
export const MAX_USES = 2 ** 32;
/** Purposes whose seals take a nonce each; the others are bound by age alone. */
const NONCED: ReadonlySet<KeyPurpose> = new Set(['fields', 'payment', 'identity']);
export const takesNonces = (purpose: KeyPurpose): boolean => NONCED.has(purpose);
/** The server asks for another key from here on. */
const USES_TO_ROTATE = 2 ** 29;
const DAY_MS = 86_400_000;
/** NIST SP 800-57 part 1, 5.3.6: at most two years for data keys; a year leaves time to act. */
const MAX_AGE_DAYS = 365;

/** The keys of one purpose, and how its newest rotation stands. */
export interface PurposeKeys {
  readonly purpose: KeyPurpose;
  /** Newest first. */
  readonly keys: readonly KeyView[];
  /** Seals at present; null where there is none yet. */
  readonly active: KeyView | null;
  readonly rotation: RotationProgress | null;
  readonly isRotating: boolean;
}

/** Groups what the server lists, in the order of the purposes; purposes without keys are left out. */
export function byPurpose({ keys, rotations }: KeysAnswer): readonly PurposeKeys[] {
  return (Object.keys(PURPOSES) as KeyPurpose[]).flatMap((purpose) => {
    const own = keys.filter((key) => key.purpose === purpose);
    if (own.length === 0) return [];
    const rotation = rotations.find((one) => one.purpose === purpose) ?? null;
    return {
      purpose,
      keys: own,
      active: own.find(({ state }) => state === 'active') ?? null,
      rotation,
      isRotating: rotation !== null && rotation.endedAtMs === null,
    };
  });
}

/** Something about a key that somebody should do something about. */
export interface KeyFinding {
  readonly level: 'error' | 'warning';
  readonly text: string;
  readonly remedy: string;
  readonly purpose: KeyPurpose;
  /** Whether a rotation mends it. */
  readonly isRotatable: boolean;
}

/** What the keys themselves give cause for, errors first. */
export function findingsOf(keys: readonly KeyView[], nowMs: number): readonly KeyFinding[] {
  const found = keys.filter(({ state }) => state !== 'retired').flatMap((key) => ofKey(key, nowMs));
  return found.toSorted((a, b) => (a.level < b.level ? -1 : a.level > b.level ? 1 : 0));
}

function ofKey(key: KeyView, nowMs: number): readonly KeyFinding[] {
  const { purpose, id, state, wrapper, usable, uses } = key;
  const name = `Key ${id} of ${PURPOSES[purpose].label.toLowerCase()}`;
  const findings: KeyFinding[] = [];
  if (!usable) {
    findings.push({
      level: 'error',
      text: `${name} can’t be used on this node: it is wrapped by another wrapping key (${wrapper}).`,
      remedy:
        'Give this node the RAMPART_SECRET, RAMPART_WRAPPING_KEY or RAMPART_KMS_URL that the others have.',
      purpose,
      isRotatable: false,
    });
  }
  if (state !== 'active') return findings;
  const ageDays = Math.floor((nowMs - key.createdAtMs) / DAY_MS);
  const mend = { level: 'warning', purpose, isRotatable: true } as const;
  if (ageDays > MAX_AGE_DAYS) {
    findings.push({
      ...mend,
      text: `${name} is ${whole(ageDays)} days old.`,
      remedy: 'Rotate it: a key should seal for a year at most.',
    });
  }
  if (uses >= USES_TO_ROTATE) {
    findings.push({
      ...mend,
      text: `${name} has sealed ${whole(uses)} times; at ${whole(MAX_USES)} it stops.`,
      remedy: 'Rotate it before random nonces could repeat.',
    });
  }
  return findings;
}

/** Fields of a purpose, told apart by what seals them. */
export interface Sealed {
  readonly total: number;
  readonly byActive: number;
  readonly byOlder: number;
  /** Of no key that is known: they can't be opened. */
  readonly unknown: number;
}

/** Adds up what was counted under each key. */
export function sealedOf(fields: Readonly<Record<string, number>>, activeId: string | undefined): Sealed {
  let [total, byActive, unknown] = [0, 0, 0];
  for (const [id, count] of Object.entries(fields)) {
    total += count;
    if (id === '') unknown += count;
    else if (id === activeId) byActive += count;
  }
  return { total, byActive, byOlder: total - byActive - unknown, unknown };
}
