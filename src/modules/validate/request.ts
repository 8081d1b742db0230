import type { RequestContext } from '../../core/context.ts';
import { AppError } from '../../core/errors.ts';
import type { RawInput, Schemas, Valid, ValidateOptions, Validation } from '../../core/validation.ts';
import { checkKey, checkText, checkValue } from './bounds.ts';
import { type FieldFault, refused, refusedAll } from './fault.ts';
import { parseJson, readUtf8 } from './json/parse.ts';
import { type ReadValidateOptions, readValidateOptions } from './options.ts';
import { readPairs } from './pairs.ts';
import { checkSchemas, type Part, PARTS } from './schemas.ts';
import { type Shape, shapeOf } from './shape/shape.ts';
import { judge, type Judged, type Station } from './value.ts';

/** One part of a request. */
type PartStation = Station & { readonly part: Part };

/**
 * Prepares the check of a route's requests: `guard.validate` of every adapter runs it.
 * @throws OptionsError for an unknown part, a schema that is none, or an option out of bounds
 */
export function validation<S extends Schemas>(schemas: S, given?: ValidateOptions): Validation<S> {
  checkSchemas(schemas);
  const options = readValidateOptions(given);
  const stations = PARTS.flatMap((part): PartStation[] => {
    const schema = schemas[part];
    return schema === undefined ? [] : [{ part, schema, shape: shapeOf(schema) }];
  });
  return { maxBodyBytes: options.maxBodyBytes, check };
  async function check(context: RequestContext, raw: RawInput): Promise<Valid<S>> {
    const input = await readParts(stations, context, raw, options);
    if (options.clash === 'refuse') refuseClash(context, raw, input);
    const faults: FieldFault[] = [];
    const valid: Partial<Record<Part, unknown>> = {};
    for (const station of stations) {
      const result = await judgePart(station, input.get(station.part), options);
      if ('faults' in result) faults.push(...result.faults);
      else valid[station.part] = result.value;
    }
    if (faults.length > 0) throw refusedAll(faults.slice(0, 20));
    return valid as Valid<S>;
  }
}

function judgePart(station: PartStation, value: unknown, { unknown }: ReadValidateOptions): Promise<Judged> {
  if (station.part !== 'headers') return judge(station, value, unknown);
  // Nobody sends exactly the headers that a route knows.
  const { shape } = station;
  return judge({ ...station, shape: shape && open(shape) }, value, 'strip');
}

/** A shape whose unnamed keys are taken away even where its schema would refuse them. */
function open(shape: Shape): Shape {
  return shape.others === 'refused' ? { ...shape, others: 'unsaid' } : shape;
}

async function readParts(
  stations: readonly PartStation[],
  context: RequestContext,
  raw: RawInput,
  options: ReadValidateOptions,
): Promise<ReadonlyMap<Part, unknown>> {
  const found = new Map<Part, unknown>();
  // What costs least is read first; the body is not read at all where the address is refused.
  for (const { part, shape } of stations) {
    if (part === 'params') found.set(part, readParams(raw, options));
    else if (part === 'query') found.set(part, readPairs(queryOf(context), part, options));
    else if (part === 'headers') found.set(part, readHeaders(context, shape, options));
    else found.set(part, await readBody(context, raw, options));
  }
  return found;
}

function queryOf(context: RequestContext): string {
  const { target } = context.request;
  const at = target.indexOf('?');
  return at < 0 ? '' : target.slice(at + 1);
}

function readParams(raw: RawInput, options: ReadValidateOptions): unknown {
  const params = { ...raw.params };
  checkValue(params, 'params', options);
  return params;
}

function readHeaders(
  context: RequestContext,
  shape: Shape | undefined,
  options: ReadValidateOptions,
): Record<string, string> {
  const list = context.request.rawHeaders?.() ?? [];
  const found = new Map<string, string>();
  for (let i = 0; i < list.length; i += 2) {
    const name = (list[i] as string).toLowerCase();
    const value = list[i + 1] as string;
    checkKey(name, 'headers');
    if (shape?.keys !== undefined && shape.others !== 'taken' && !shape.keys.has(name)) continue;
    checkText(value, 'headers', options.maxTextLength);
    if (found.has(name))
      throw refused({ field: 'headers', code: 'DUPLICATE', message: 'A header is given more than once.' });
    found.set(name, value);
  }
  return Object.fromEntries(found);
}

async function readBody(
  context: RequestContext,
  raw: RawInput,
  options: ReadValidateOptions,
): Promise<unknown> {
  if (raw.parsed !== undefined) {
    checkValue(raw.parsed.value, 'body', options);
    return raw.parsed.value;
  }
  const form = isForm(context, options);
  const bytes = await raw.read?.(options.maxBodyBytes);
  if (bytes === undefined || bytes.byteLength === 0) return undefined;
  if (form === undefined) throw unsupported('Send JSON as application/json.');
  const text = readUtf8(bytes, 'body');
  return form ? readPairs(text, 'body', options) : parseJson(text, 'body', options);
}

/** Whether a body is a form; undefined where it is neither that nor JSON, which only matters where there is one. */
function isForm(context: RequestContext, { forms }: ReadValidateOptions): boolean | undefined {
  const encoding = context.request.header('content-encoding');
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity')
    throw unsupported('Compressed bodies are not accepted here.');
  const [type = ''] = (context.request.header('content-type') ?? '').toLowerCase().split(';', 1);
  if (/^application\/(?:[\w.-]+\+)?json$/.test(type.trim())) return false;
  return forms && type.trim() === 'application/x-www-form-urlencoded' ? true : undefined;
}

function unsupported(message: string): AppError {
  return new AppError(message, 415, 'UNSUPPORTED_MEDIA_TYPE');
}

/** Programs disagree about which of two counts: the one in the address, or the one in the body. */
function refuseClash(context: RequestContext, raw: RawInput, input: ReadonlyMap<Part, unknown>): void {
  const query = queryOf(context);
  if (query === '') return;
  const names = new Set<string>();
  for (const pair of new URLSearchParams(query).keys())
    names.add(pair.endsWith('[]') ? pair.slice(0, -2) : pair);
  const body = input.get('body');
  const others = [
    ...(typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.keys(body) : []),
    ...(input.has('params') ? Object.keys(raw.params ?? {}) : []),
  ];
  if (others.some((name) => names.has(name)))
    throw refused({
      field: 'query',
      code: 'CLASH',
      message: 'A name stands in the query and elsewhere in the request.',
    });
}
