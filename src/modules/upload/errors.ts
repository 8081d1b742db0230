import { AppError } from '../../core/errors.ts';
import type { Scalar } from '../../core/verdict.ts';

interface Words {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Everything that an upload can be refused with. */
export const REFUSALS = {
  malformed: { status: 400, code: 'UPLOAD_MALFORMED', message: 'The upload could not be read.' },
  name: { status: 400, code: 'FILE_NAME_REFUSED', message: 'A file of this name is not accepted.' },
  mismatch: {
    status: 400,
    code: 'FILE_MISMATCH',
    message: 'The content of the file is not what its name or type says.',
  },
  slow: { status: 408, code: 'UPLOAD_TOO_SLOW', message: 'The upload took too long to arrive.' },
  tooLarge: { status: 413, code: 'UPLOAD_TOO_LARGE', message: 'The upload is larger than is accepted here.' },
  tooMany: { status: 413, code: 'UPLOAD_TOO_MANY', message: 'More parts than are accepted here.' },
  fileTooLarge: { status: 413, code: 'FILE_TOO_LARGE', message: 'The file is larger than is accepted here.' },
  expands: {
    status: 413,
    code: 'FILE_EXPANDS',
    message: 'The file would become larger than is accepted here once it is unpacked.',
  },
  type: { status: 415, code: 'FILE_TYPE_REFUSED', message: 'Files of this type are not accepted here.' },
  form: {
    status: 415,
    code: 'UPLOAD_FORM_REFUSED',
    message: 'Send the file as multipart/form-data, without a content coding.',
  },
  unsafe: {
    status: 422,
    code: 'FILE_UNSAFE',
    message: 'The file holds something that could act by itself, or cannot be read safely.',
  },
  infected: { status: 422, code: 'FILE_INFECTED', message: 'The file is infected.' },
  busy: {
    status: 503,
    code: 'UPLOAD_BUSY',
    message: 'Too many files are being received. Try again shortly.',
  },
  scanner: {
    status: 503,
    code: 'SCANNER_UNAVAILABLE',
    message: 'Files cannot be scanned just now. Try again shortly.',
  },
  store: {
    status: 503,
    code: 'UPLOAD_STORE_UNAVAILABLE',
    message: 'The file could not be kept just now. Try again shortly.',
  },
} as const satisfies Readonly<Record<string, Words>>;

/** Names of the refusals. */
export type RefusalName = keyof typeof REFUSALS;

/** An upload that is refused: the caller reads the message, the operator the reason. */
export class UploadRefused extends AppError {
  /** Dotted and stable: `upload.zip_ratio`. */
  readonly reason: string;
  /** One sentence for an operator; never what the sender wrote. */
  readonly text: string;
  readonly values: Readonly<Record<string, Scalar>>;
  readonly refusal: RefusalName;
  /** Of a 503: when it is worth to try again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    refusal: RefusalName,
    reason: string,
    text: string,
    values: Readonly<Record<string, Scalar>> = {},
    cause?: unknown,
  ) {
    const { status, code, message } = REFUSALS[refusal];
    super(message, status, code, { details: { reason: `upload.${reason}` }, cause });
    this.refusal = refusal;
    this.reason = `upload.${reason}`;
    this.text = text;
    this.values = values;
    this.retryAfterSeconds = status === 503 ? 10 : undefined;
  }
}

/** Refuses: `throw refuse('malformed', 'boundary', 'There is no boundary.')`. */
export function refusedAs(
  refusal: RefusalName,
  reason: string,
  text: string,
  values?: Readonly<Record<string, Scalar>>,
): UploadRefused {
  return new UploadRefused(refusal, reason, text, values);
}
