import { AppError } from '../../../core/errors.ts';

/** Why a path was refused: for the log and the event. */
export type PathReason = 'text' | 'absolute' | 'encoded' | 'parent' | 'device' | 'name' | 'link' | 'kind';

/** 400: a path that leads, or could lead, out of the folder that it must stay in. */
export class PathError extends AppError {
  override readonly name = 'PathError';
  /** What was wrong with it. */
  readonly reason: PathReason;
  constructor(reason: PathReason, options: { readonly cause?: unknown } = {}) {
    super('This path cannot be used.', 400, 'PATH_ESCAPE_BLOCKED', options);
    this.reason = reason;
  }
}

const MAX_PATH = 4_096;
const MAX_SEGMENT_BYTES = 255;
/** Percent signs before a dot, a separator or NUL, also encoded twice or overlong: somebody counts on a second decoding. */
const ENCODED = /%(?:25)*(?:2e|2f|5c|00|c0%a|e0%80%a)/i;
/** Names that Windows opens as devices, whatever stands behind the first dot. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d|com[¹²³]|lpt[¹²³]|conin\$|conout\$|clock\$)(?:[.:]|$)/i;

/**
 * The segments of a relative path, on every system read alike. Nothing is repaired: `a/../b` is refused, not turned into `b`.
 * @throws PathError
 */
export function segmentsOf(given: string): readonly string[] {
  if (typeof given !== 'string' || given === '' || given.length > MAX_PATH || hasControl(given))
    throw new PathError('text');
  if (ENCODED.test(given)) throw new PathError('encoded');
  if (/^[/\\~]/.test(given) || /^[a-z]:/i.test(given)) throw new PathError('absolute');
  const segments = given.split('/').filter((segment) => segment !== '' && segment !== '.');
  for (const segment of segments) checkSegment(segment);
  return segments;
}

function checkSegment(segment: string): void {
  // What other layers may make of it: full-width dots and slashes become plain ones.
  const plain = segment.normalize('NFKC');
  if (/^[. ]+$/.test(plain)) throw new PathError('parent');
  // A colon begins an alternate stream on Windows, a backslash a segment; dots and blanks at the end are dropped there.
  if (/[/\\:]/.test(plain) || /[. ]$/.test(plain)) throw new PathError('name');
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES || !segment.isWellFormed()) throw new PathError('name');
  if (DEVICE.test(plain)) throw new PathError('device');
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 127) return true;
  }
  return false;
}
