import { z } from 'zod';
import { describe } from '../../modules/validate/index.ts';
import { SAMPLE_TAGS } from './routes/sample/resources.ts';
import { type Access, isZod, type Route } from './route.ts';
import { errorAnswer } from './schemas.ts';

type Json = Record<string, unknown>;

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'Malformed or not valid; `details` lists field, message and code.',
  401: 'Nobody is signed in.',
  402: 'The card was declined.',
  403: 'Not allowed, or the CSRF token is missing.',
  404: 'There is nothing here.',
  409: 'Conflicts with the present state.',
  413: 'Larger than is accepted.',
  415: 'This content type is not accepted.',
  429: 'Too many requests; `Retry-After` says when to come again.',
  503: 'Not now.',
};

const CONSOLE: readonly Json[] = [{ session: [], csrf: [] }, { accessToken: [] }, { operatorKey: [] }];
const ACCOUNT: readonly Json[] = [{ session: [] }, { accessToken: [] }];
const SECURITY: Readonly<Record<Access, readonly Json[]>> = {
  public: [],
  session: ACCOUNT,
  partial: ACCOUNT,
  viewer: CONSOLE,
  analyst: CONSOLE,
  admin: CONSOLE,
  operator: [{ operatorKey: [] }],
  metrics: [...CONSOLE, {}],
  sample: [{ sampleToken: [] }, ...CONSOLE],
};

/** The document of all routes, in OpenAPI 3.1. */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const one of routes) {
    const { spec } = one;
    const path = openApiPath(spec.path);
    (paths[path] ??= {})[spec.method.toLowerCase()] = operationOf(one);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rampart',
      version,
      summary: 'The security and performance layer for TypeScript backends: its own HTTP API.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map((one) => one.spec.tag))].map((name) => ({
      name,
      ...(SAMPLE_TAGS[name] === undefined ? {} : { description: SAMPLE_TAGS[name] }),
    })),
    paths,
    components: {
      schemas: { Error: schemaOf(errorAnswer, 'output') },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-rampart',
          description: 'Set by signing in; `rampart_session` on plain http to this machine.',
        },
        csrf: {
          type: 'apiKey',
          in: 'header',
          name: 'x-rampart-csrf',
          description: 'On writes: `csrfToken` of the session.',
        },
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'From POST /auth/sign-in with `X-Rampart-Client: api`.',
        },
        operatorKey: { type: 'http', scheme: 'bearer', description: "The key in the server's data folder." },
        sampleToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'From POST /sample/sign-in; for /sample only.',
        },
      },
    },
  };
}

/** `/admin/blocks/:id` as `/admin/blocks/{id}`, a closing `*` as `{path}`. */
export function openApiPath(path: string): string {
  return path.replace(/:([A-Za-z]+)/g, '{$1}').replace(/\*$/, '{path}');
}

function bodySchemaOf(schema: NonNullable<Route['spec']['body']>): Json {
  return isZod(schema) ? schemaOf(schema, 'input') : { ...describe(schema) };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}

function operationOf({ spec }: Route): Json {
  const parameters = [
    ...parametersOf(spec.params, 'path'),
    ...(spec.path.endsWith('*')
      ? [{ name: 'path', in: 'path', required: true, schema: { type: 'string' } }]
      : []),
    ...parametersOf(spec.query, 'query'),
  ];
  return {
    operationId: operationId(spec.method, spec.path),
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.about === undefined ? {} : { description: spec.about }),
    security: spec.access === 'public' ? [] : SECURITY[spec.access],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...bodyOf(spec),
    responses: responsesOf(spec),
  };
}

function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '');
  const name = words.map((word) => (word[0] as string).toUpperCase() + word.slice(1)).join('');
  return method.toLowerCase() + (path.endsWith('*') ? `${name}Any` : name || 'Root');
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Json[] {
  if (!schema) return [];
  const object = schemaOf(schema, 'input');
  const required = (object['required'] ?? []) as readonly string[];
  return Object.entries((object['properties'] ?? {}) as Record<string, Json>).map(
    ([name, { description, ...shape }]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: shape,
      ...(shape['type'] === 'array' ? { style: 'form', explode: true } : {}),
    }),
  );
}

function bodyOf(spec: Route['spec']): Json {
  if (spec.body) {
    const schema = bodySchemaOf(spec.body);
    return { requestBody: { required: true, content: { 'application/json': { schema } } } };
  }
  if (!spec.rawBody) return {};
  const schema = spec.optionalBody ? schemaOf(spec.optionalBody, 'input') : {};
  const content = Object.fromEntries(spec.rawBody.map((type) => [type, { schema }]));
  return { requestBody: { required: spec.optionalBody === undefined, content } };
}

function responsesOf(spec: Route['spec']): Json {
  const { answer } = spec;
  const type = answer.type ?? (answer.schema ? 'application/json' : undefined);
  const schema = answer.schema ? schemaOf(answer.schema, 'output') : { type: 'string' };
  const statuses = new Set([
    ...(spec.params || spec.query || spec.body ? [400] : []),
    ...(spec.body ? [413, 415] : []),
    ...(spec.access === 'public' ? [] : [401, 403]),
    ...(spec.refusals ?? []),
    429,
  ]);
  const refusals = [...statuses]
    .filter((status) => status !== answer.status)
    .toSorted((a, b) => a - b)
    .map((status) => [
      String(status),
      {
        description: REFUSALS[status] ?? 'Refused.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]);
  return {
    [String(answer.status)]: {
      description: answer.about,
      ...(type === undefined ? {} : { content: { [type]: { schema } } }),
    },
    ...Object.fromEntries(refusals),
  };
}
