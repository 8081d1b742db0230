/** Parameters of Argon2 (RFC 9106). */
export interface ArgonParameters {
  /** Memory in KiB. */
  readonly memoryKib: number;
  /** Passes over the memory. */
  readonly passes: number;
  readonly lanes: number;
}

/** An Argon2id hash; peppered with the key of that id, if any. */
export interface StoredArgon extends ArgonParameters {
  readonly kind: 'argon2';
  readonly pepper: string | null;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** A stored hash, read and within bounds. */
export type Stored =
  | StoredArgon
  | { readonly kind: 'bcrypt'; readonly cost: number; readonly text: string }
  | {
      readonly kind: 'scrypt';
      readonly logCost: number;
      readonly blockSize: number;
      readonly lanes: number;
      readonly salt: Buffer;
      readonly hash: Buffer;
    }
  | {
      readonly kind: 'pbkdf2';
      readonly digest: 'sha256' | 'sha512';
      readonly rounds: number;
      readonly salt: Buffer;
      readonly hash: Buffer;
    };

const MAX_TEXT = 1_024;
/** Above these a single stored hash, imported or planted, would hold up the queue for many seconds or fill the memory. */
const BOUNDS = {
  argonKib: 1 << 20,
  argonWorkKib: 1 << 22,
  argonLanes: 16,
  bcryptCost: 15,
  scryptBytes: 256 << 20,
  scryptWork: 1 << 25,
  pbkdf2Rounds: 5_000_000,
} as const;

/**
 * Reads a stored hash: Argon2id (PHC, with or without the house's pepper), bcrypt, scrypt (PHC) and PBKDF2 (PHC, passlib,
 * Django).
 * @returns `undefined` for what is none of these, or asks for more work or memory than a verification may take
 */
export function readStored(text: string): Stored | undefined {
  if (text.length > MAX_TEXT) return undefined;
  if (text.startsWith('$rampart$')) return readPeppered(text);
  if (text.startsWith('$argon2id$')) return readArgon(text, null);
  if (text.startsWith('$2')) return readBcrypt(text);
  if (text.startsWith('$scrypt$')) return readScrypt(text);
  return readPbkdf2(text);
}

/** Writes a hash of our own. */
export function writeArgon(stored: StoredArgon): string {
  const { memoryKib, passes, lanes, pepper } = stored;
  const phc = `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${base64(stored.salt)}$${base64(stored.hash)}`;
  return pepper === null ? phc : `$rampart$k=${pepper}${phc}`;
}

function readPeppered(text: string): Stored | undefined {
  const match = /^\$rampart\$k=([A-Za-z0-9_-]{1,40})(\$argon2id\$.+)$/.exec(text);
  return match ? readArgon(match[2] as string, match[1] as string) : undefined;
}

function readArgon(text: string, pepper: string | null): Stored | undefined {
  const match =
    /^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
      text,
    );
  if (!match) return undefined;
  const [memoryKib, passes, lanes] = numbers(match.slice(1, 4));
  const salt = Buffer.from(match[4] as string, 'base64');
  const hash = Buffer.from(match[5] as string, 'base64');
  if (lanes < 1 || lanes > BOUNDS.argonLanes || passes < 1 || memoryKib < 8 * lanes) return undefined;
  if (memoryKib > BOUNDS.argonKib || memoryKib * passes > BOUNDS.argonWorkKib) return undefined;
  if (salt.length < 8 || salt.length > 64 || !isDigest(hash)) return undefined;
  return {
    kind: 'argon2',
    memoryKib,
    passes,
    lanes,
    pepper,
    salt,
    hash,
  };
}

function readBcrypt(text: string): Stored | undefined {
  const match = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text);
  const cost = Number(match?.[1]);
  return match && cost >= 4 && cost <= BOUNDS.bcryptCost ? { kind: 'bcrypt', cost, text } : undefined;
}

function readScrypt(text: string): Stored | undefined {
  const match =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)={0,2}$/.exec(text);
  if (!match) return undefined;
  const [logCost, blockSize, lanes] = numbers(match.slice(1, 4));
  const salt = Buffer.from(match[4] as string, 'base64');
  const hash = Buffer.from(match[5] as string, 'base64');
  // RFC 7914, section 2: the cost is below 2^(128·r/8).
  if (logCost < 1 || logCost >= 16 * blockSize || lanes < 1 || !isDigest(hash)) return undefined;
  const cost = 2 ** logCost;
  if (128 * cost * blockSize > BOUNDS.scryptBytes || cost * blockSize * lanes > BOUNDS.scryptWork)
    return undefined;
  return { kind: 'scrypt', logCost, blockSize, lanes, salt, hash };
}

/** `$pbkdf2-sha256$i=…$salt$hash`, `$pbkdf2-sha256$rounds$salt$hash` (`.` for `+`), `pbkdf2_sha256$rounds$text$hash`. */
function readPbkdf2(text: string): Stored | undefined {
  const phc =
    /^\$pbkdf2-(sha256|sha512)\$(?:i=)?(\d{1,9})(?:,l=\d{1,3})?\$([A-Za-z0-9+/.]*)\$([A-Za-z0-9+/.]+)={0,2}$/.exec(
      text,
    );
  const django = phc
    ? null
    : /^pbkdf2_(sha256)\$(\d{1,9})\$([^$]{1,128})\$([A-Za-z0-9+/]+)={0,2}$/.exec(text);
  const match = phc ?? django;
  if (!match) return undefined;
  const rounds = Number(match[2]);
  const salt = phc ? fromAdapted(match[3] as string) : Buffer.from(match[3] as string);
  const hash = fromAdapted(match[4] as string);
  if (rounds < 1 || rounds > BOUNDS.pbkdf2Rounds || !isDigest(hash)) return undefined;
  return { kind: 'pbkdf2', digest: match[1] as 'sha256' | 'sha512', rounds, salt, hash };
}

/** A shorter one would match by chance, a longer one is no password hash. */
function isDigest(hash: Buffer): boolean {
  return hash.length >= 16 && hash.length <= 64;
}

function numbers(texts: readonly string[]): [number, number, number] {
  return texts.map(Number) as [number, number, number];
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function fromAdapted(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64');
}
