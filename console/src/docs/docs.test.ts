import { describe, expect, it } from 'vitest';
import { groupsOf, resolve, search } from './document.ts';
import type { ApiDocument, Operation } from './document.ts';
import { addressOf, curlOf } from './request.ts';
import { exampleOf, schemaLines, typeText } from './schema.ts';

const API = {
  info: { title: 'T', version: '1' },
  tags: [{ name: 'Second', description: 'two' }, { name: 'Empty' }],
  paths: {
    '/orders/{id}': {
      parameters: [{ $ref: '#/components/parameters/id' }],
      get: {
        tags: ['Second'],
        summary: 'Get an order',
        responses: { 200: { $ref: '#/components/responses/ok' } },
      },
      delete: { operationId: 'drop', security: [{ s: [] }] },
    },
    '/ping': { get: { operationId: 'ping', security: [{ key: [] }, {}] } },
  },
  components: {
    securitySchemes: { key: { type: 'http', scheme: 'bearer' }, s: { type: 'apiKey' } },
    parameters: { id: { name: 'id', in: 'path', required: true } },
    responses: { ok: { description: 'Fine' } },
    schemas: {
      Node: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', maxLength: 5 },
          next: { $ref: '#/components/schemas/Node' },
          state: { enum: ['on', 'off'] },
          when: { type: ['string', 'null'] },
        },
      },
      Both: {
        allOf: [
          { $ref: '#/components/schemas/Node' },
          { properties: { extra: { type: 'integer', minimum: 3 } } },
        ],
      },
      Loop: { $ref: '#/components/schemas/Loop' },
    },
  },
} as unknown as ApiDocument;
const operation = (anchor: string): Operation =>
  groupsOf(API)
    .flatMap(({ operations }) => operations)
    .find((one) => one.anchor === anchor) as Operation;

describe('the groups of a document', () => {
  it('stand in its own order, those without routes left out, the rest at the end', () => {
    expect(groupsOf(API).map(({ name, description }) => [name, description])).toEqual([
      ['Second', 'two'],
      ['Other', ''],
    ]);
  });

  it('hold operations with shared parameters and answers resolved', () => {
    const get = operation('get-orders-id-');
    expect(get.parameters).toEqual([{ name: 'id', in: 'path', required: true }]);
    expect(get.responses).toEqual([['200', { description: 'Fine' }]]);
    expect(get.isProtected).toBe(false);
    expect(operation('drop')).toMatchObject({ isProtected: true, takesBearer: false });
    expect(operation('ping')).toMatchObject({ isProtected: false, takesBearer: true });
  });

  it('are searched by every typed word', () => {
    expect(search(groupsOf(API), 'get ORDER').flatMap(({ operations }) => operations)).toHaveLength(1);
    expect(search(groupsOf(API), 'get nothing')).toEqual([]);
    expect(search(groupsOf(API), '  ')).toHaveLength(2);
  });

  it('survive references that lead nowhere or round', () => {
    expect(resolve(API, { $ref: '#/components/none' })).toEqual({ $ref: '#/components/none' });
    expect(typeText(API, { $ref: '#/components/schemas/Loop' })).toBe('Loop');
  });
});

describe('a schema', () => {
  it('that holds itself is drawn to a depth', () => {
    const lines = schemaLines(API, { $ref: '#/components/schemas/Node' });
    expect(lines.length).toBeLessThan(40);
    expect(lines[0]).toMatchObject({
      name: 'name',
      depth: 0,
      isRequired: true,
      rules: ['at most 5 characters'],
    });
    expect(JSON.stringify(exampleOf(API, { $ref: '#/components/schemas/Node' })).length).toBeLessThan(2000);
  });

  it('made of parts shows all their properties', () => {
    const names = schemaLines(API, { $ref: '#/components/schemas/Both' })
      .filter(({ depth }) => depth === 0)
      .map(({ name }) => name);
    expect(names).toEqual(['name', 'next', 'state', 'when', 'extra']);
  });

  it('is named as a reader would', () => {
    expect(typeText(API, { type: 'array', items: { $ref: '#/components/schemas/Node' } })).toBe('Node[]');
    expect(typeText(API, { anyOf: [{ type: 'integer' }, { type: 'null' }] })).toBe('integer or null');
    expect(typeText(API, { type: 'string', format: 'date-time' })).toBe('string (date-time)');
  });

  it('gives an example that fits', () => {
    expect(exampleOf(API, { type: 'integer', minimum: 3 })).toBe(3);
    expect(exampleOf(API, { enum: ['on', 'off'] })).toBe('on');
    expect(exampleOf(API, { type: 'array', items: { type: 'boolean' } })).toEqual([true]);
  });
});

describe('a call', () => {
  const one: Operation = {
    ...operation('get-orders-id-'),
    parameters: [
      { name: 'id', in: 'path', required: true },
      { name: 'q', in: 'query' },
    ],
  };

  it('fills the path in without letting a value leave its segment', () => {
    expect(addressOf(one, { id: '../a b', q: 'x&y' })).toBe('/orders/..%2Fa%20b?q=x%26y');
    const listed: Operation = {
      ...one,
      parameters: [{ name: 'filter', in: 'query', schema: { type: 'array' } }],
    };
    expect(addressOf({ ...listed, path: '/x' }, { filter: 'a:1, b:2' })).toBe('/x?filter=a%3A1&filter=b%3A2');
    expect(addressOf(one, {})).toBe('/orders/%7Bid%7D');
  });

  it('can be pasted into a shell, whatever its body holds', () => {
    const text = curlOf('http://h', { ...one, method: 'POST' }, '/x', `{"a":"it's"}`);
    expect(text).toContain(`-X POST 'http://h/x'`);
    expect(text).toContain(String.raw`-d '{"a":"it'\''s"}'`);
  });
});
