import type { RequestContext } from './context.ts';
import { OptionsError, RampartError } from './errors.ts';
import type { Gate } from './gate.ts';

/** The bytes of a request's body as they come. Leaving its loop early must not close the connection. */
export type BodySource = AsyncIterable<Uint8Array>;

/** A file that was received, looked through, and kept or held. */
export interface ReceivedFile {
  /** `upl_…`: its name from here on. */
  readonly id: string;
  /** Field of the form; empty for a body that is the file itself. */
  readonly field: string;
  /** What the sender called it, made safe to show; never a path. */
  readonly displayName: string;
  /** Media type by its content. */
  readonly type: string;
  /** Of the type, with no dot. */
  readonly extension: string;
  readonly bytes: number;
  /** Of what is kept, hexadecimal. */
  readonly sha256: string;
  /** `kept` may be handed out; `held` waits for the virus scanner. */
  readonly state: 'kept' | 'held';
  /** Pixels, for images. */
  readonly width?: number;
  readonly height?: number;
  /** Things in it that the policy lets pass and names: `pdf.form`. */
  readonly flags: readonly string[];
}

/** What a request brought. */
export interface ReceivedUpload {
  readonly files: readonly ReceivedFile[];
  /** The form's other fields. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Receives what a request brings, all or nothing. Rejects with an AppError of 400, 408, 413, 415, 422 or 503. */
export type Intake = (context: RequestContext, body: BodySource) => Promise<ReceivedUpload>;

/**
 * What an adapter's `guard.upload` runs.
 * @throws OptionsError for an upload that the configuration does not name; RampartError `GUARD_MISSING`
 */
export function intakeOf(
  gate: Gate,
  name: string,
  context: RequestContext | undefined,
  body: () => BodySource,
): Promise<ReceivedUpload> {
  const intake = gate.upload?.(name);
  if (intake === undefined)
    throw new OptionsError(`uploads.${name}`, `needed for guard.upload('${name}'): it is not configured`);
  if (context === undefined)
    throw new RampartError('GUARD_MISSING', 'guard.upload was called on a request that met no guard.');
  return intake(context, body());
}
