import type { BodySource } from '../../../core/intake.ts';
import type { FileStore } from '../../../ports/files.ts';
import { refusedAs } from '../errors.ts';
import type { ReadUploadOptions } from '../options.ts';
import { type Arriving, takeField, takeFile } from './arrive.ts';
import { readHeaderValue } from './headers.ts';
import { boundaryOf, MultipartReader } from './multipart.ts';
import { decoded, type SourcePorts, withinBounds } from './source.ts';

/** A request's body and what its headers say about it. */
export interface IncomingBody {
  readonly body: BodySource;
  /** `content-type`, `content-length`, `content-encoding`, `x-file-name` of the request. */
  header(name: string): string | undefined;
}

/** What receiving stands on. */
export interface ReceivePorts extends SourcePorts {
  readonly store: FileStore;
}

/**
 * Receives a body into `into`, piece by piece: a form, or (where the options take that) the file itself, whose name comes
 * percent-encoded in `x-file-name`. What was staged is the caller's to discard, also when this rejects.
 * @throws UploadRefused; what the body's own stream fails with
 */
export async function receive(
  incoming: IncomingBody,
  into: Arriving,
  options: ReadUploadOptions,
  ports: ReceivePorts,
): Promise<void> {
  const type = readHeaderValue((incoming.header('content-type') ?? '').slice(0, 1_000));
  const isForm = type.value === 'multipart/form-data';
  if (!isForm && (!options.raw || type.value === '' || type.value.startsWith('multipart/')))
    throw refusedAs('form', 'form', 'The body is no form.', { type: type.value.slice(0, 100) });
  const boundary = isForm ? boundaryOf(type.parameters) : '';
  const body = bodyOf(incoming, options, ports);
  if (isForm)
    await takeForm(new MultipartReader(body, boundary, options.maxHeaderBytes), into, options, ports.store);
  else {
    const head = { field: '', fileName: rawName(incoming), declared: type.value };
    await takeFile(head, body, into, options, ports.store);
  }
  if (into.files.length === 0) throw refusedAs('malformed', 'no_file', 'The form holds no file.');
}

function bodyOf(incoming: IncomingBody, options: ReadUploadOptions, ports: SourcePorts): BodySource {
  const length = incoming.header('content-length');
  if (length !== undefined && Number(length) > options.maxTotalBytes)
    throw refusedAs('tooLarge', 'total', 'The body says itself that it is too large.', {
      maxBytes: options.maxTotalBytes,
    });
  const coding = (incoming.header('content-encoding') ?? 'identity').trim().toLowerCase();
  const { maxTotalBytes: maxBytes, withinMs, idleMs } = options;
  const plain = withinBounds(incoming.body, { maxBytes, withinMs, idleMs }, ports);
  if (coding === 'identity' || coding === '') return plain;
  if (!options.encodings.includes(coding))
    throw refusedAs('form', 'coding', 'The body is of a content coding that is not accepted.', {
      coding: coding.slice(0, 40),
    });
  return decoded(plain, coding, maxBytes);
}

function rawName(incoming: IncomingBody): string {
  const given = incoming.header('x-file-name');
  if (given === undefined) return '';
  try {
    return decodeURIComponent(given.slice(0, 2_000));
  } catch {
    throw refusedAs('malformed', 'x_file_name', 'x-file-name is not percent-encoded UTF-8.');
  }
}

async function takeForm(
  reader: MultipartReader,
  into: Arriving,
  options: ReadUploadOptions,
  store: FileStore,
): Promise<void> {
  const maxParts = options.maxFiles + options.maxFields;
  let parts = 0;
  for await (const part of reader.parts()) {
    if (++parts > maxParts)
      throw refusedAs('tooMany', 'parts', 'The form has more parts than are accepted.', { maxParts });
    const { field, fileName, declared } = part.head;
    if (fileName === undefined) await takeField(part, into, options);
    // A form whose file was not chosen sends an empty one without a name.
    else if (fileName === '') await refuseContent(part.body);
    else await takeFile({ field, fileName, declared }, part.body, into, options, store);
  }
}

async function refuseContent(body: BodySource): Promise<void> {
  for await (const _chunk of body) throw refusedAs('name', 'name_missing', 'A file has no name.');
}
