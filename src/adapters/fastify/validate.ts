import type { FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import { Readable } from 'node:stream';
import { contextOfMessage } from '../../core/http/node-exchange.ts';
import { bytesOfMessage } from '../../core/http/read-body.ts';
import type { Schemas, Valid, ValidInput } from '../../core/validation.ts';

/** A route's check: its hooks, and the way to what they found. */
export interface FastifyValidate<S extends Schemas> {
  /** Takes the body before Fastify parses it. */
  readonly preParsing: (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: RequestPayload,
  ) => Promise<RequestPayload>;
  /** Checks. */
  readonly preHandler: (request: FastifyRequest) => Promise<void>;
  /** What the schemas gave. @throws RampartError `NOT_VALIDATED` where this check does not stand before the handler */
  readonly of: (request: FastifyRequest) => Valid<S>;
}

/** The hooks of a route. */
export function validateFastify<S extends Schemas>(input: ValidInput<S>): FastifyValidate<S> {
  const bodies = new WeakMap<FastifyRequest, Uint8Array>();
  return {
    of: (request) => input.of(contextOfMessage(request.raw)),
    async preParsing(request, _reply, payload) {
      // Another hook has unpacked or replaced it: that one's stream is Fastify's to parse.
      if (payload !== request.raw) return payload;
      const bytes = await bytesOfMessage(request.raw, input.maxBodyBytes);
      bodies.set(request, bytes);
      const length = Number(request.headers['content-length'] ?? bytes.byteLength);
      // Fastify parses what is as good as nothing, and compares the length that it was told.
      return Object.assign(Readable.from([Buffer.from('null')]), { receivedEncodedLength: length });
    },
    async preHandler(request) {
      const bytes = bodies.get(request);
      const valid = await input.check(contextOfMessage(request.raw), {
        params: request.params as Readonly<Record<string, unknown>>,
        ...(bytes === undefined ? { parsed: { value: request.body } } : { read: async () => bytes }),
      });
      const { headers: _headers, ...parts } = valid as Readonly<Record<string, unknown>>;
      if (bytes !== undefined && !('body' in parts)) request.body = undefined;
      Object.assign(request, parts);
    },
  };
}
