import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type HandlerRequest, watchHandlers } from '../handler-scope.ts';
import { MAX_FORM_PARTS, MAX_KEPT_FIELDS, MAX_KEPT_FILES, MAX_PART_HEAD } from './form-parts.ts';
import { followMessage, followRequest } from './handler-request.ts';
import { KeptBytes } from './kept-bytes.ts';
import { MAX_KEPT_BODY } from './raw-body.ts';

watchHandlers();

function message(type: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.headers['content-type'] = type;
  return request;
}

function follow(request: IncomingMessage, parsed: () => unknown = () => undefined): HandlerRequest {
  return followMessage(request, '/', { parsed, onEnd: () => undefined });
}

afterEach(() => void vi.restoreAllMocks());

describe('the body of a handled request', () => {
  it.each([
    ['bytes', Buffer.from('abc'), Buffer.alloc(0)],
    ['a list', ['abc'], []],
  ])('is told to be empty without asking %s for keys', (_what, full, empty) => {
    const keys = vi.spyOn(Object, 'keys');
    let body: unknown = full;
    const handler = follow(message('application/octet-stream'), () => body);
    expect(handler.body?.()).toBe(full);
    body = empty;
    expect(handler.body?.()).toBeUndefined();
    expect(keys.mock.calls.map(([asked]) => asked)).not.toContain(full);
    expect(keys.mock.calls.map(([asked]) => asked)).not.toContain(empty);
  });

  it('is what was read where a parser left an empty object', () => {
    const request = message('text/plain');
    const handler = follow(request, () => ({}));
    request.emit('data', Buffer.from('abc'));
    expect(handler.body?.()).toBe('abc');
  });
});

const FORM = 'multipart/form-data; boundary=B';
const NAME = "x'); DELETE FROM t; --";

function part(disposition: string, content: string): string {
  return `--B\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
}

/** A form as its handler reads it, in chunks of so many bytes. */
function form(parts: readonly string[], chunkBytes = 65_536, parsed?: () => unknown): HandlerRequest {
  const request = message(FORM);
  const handler = follow(request, parsed);
  const bytes = Buffer.from(`${parts.join('')}--B--\r\n`);
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
    request.emit('data', bytes.subarray(at, at + chunkBytes));
  }
  return handler;
}

function values(handler: HandlerRequest): unknown[] {
  return [handler.body?.()].flat(3);
}

describe('a form of several parts', () => {
  it.each([1, 2, 3, 7, 50, 65_536])('is read alike in chunks of %i bytes', (chunkBytes) => {
    const handler = form(
      [part('name="a"', 'one\r\n-B--'), part(`name="f"; filename="${NAME}"`, 'two')],
      chunkBytes,
    );
    expect(handler.body?.()).toEqual([[''], ['a', 'one\r\n-B--'], ['f', NAME, 'two'], ['\r\n']]);
    expect(handler.isPartial?.()).toBe(false);
  });

  it('shows names of files beside what a parser made of its fields, as one object until that changes', () => {
    let body: unknown = { a: 'one' };
    const handler = form([part(`name="f"; filename="${NAME}"`, 'two')], 100, () => body);
    expect(values(handler)).toContain(body);
    expect(values(handler)).toContain(NAME);
    expect(handler.body?.()).toBe(handler.body?.());
    const before = handler.body?.();
    body = { a: 'two' };
    expect(handler.body?.()).not.toBe(before);
  });

  it.each([
    ['with escapes', 'filename="a\\"b"', 'a"b'],
    ['without quotes', `filename=x')--`, "x')--"],
    ['in the extended way', "filename*=UTF-8''x%27%29", 'x%27%29'],
  ])('shows names of files %s', (_how, disposition, name) => {
    expect(values(form([part(`name="f"; ${disposition}`, '')]))).toContain(name);
  });

  it('keeps the fields behind a large file, which alone is no reason for alarm', () => {
    const handler = form([
      part('name="f"; filename="a.png"', 'a'.repeat(MAX_KEPT_BODY + 1)),
      part('name="sort"', NAME),
    ]);
    expect(values(handler)).toContain(NAME);
    expect(handler.isPartial?.()).toBe(false);
    expect(values(handler).join('').length).toBeLessThan(MAX_KEPT_FILES + 1_000);
  });

  it('is not known whole behind a field that is too long, unless a parser knows the rest', () => {
    const parts = [part('name="a"', 'a'.repeat(MAX_KEPT_FIELDS)), part('name="sort"', NAME)];
    expect(form(parts).isPartial?.()).toBe(true);
    expect(form(parts, 65_536, () => ({ sort: NAME })).isPartial?.()).toBe(false);
  });

  it.each([
    ['many parts', Array.from({ length: MAX_FORM_PARTS + 1 }, () => part('name="a"', ''))],
    ['many marks', ['--B\r\n'.repeat(MAX_FORM_PARTS + 1)]],
    ['a long head', [part(`name="${'a'.repeat(MAX_PART_HEAD)}"`, '')]],
    ['much in heads', Array.from({ length: 900 }, () => part(`name="${'a'.repeat(8_000)}"`, ''))],
  ])('is not known whole with too %s, whatever a parser made of it', (_what, parts) => {
    expect(form(parts).isPartial?.()).toBe(true);
    expect(form(parts, 65_536, () => ({ a: '' })).isPartial?.()).toBe(true);
  });

  it.each([
    ['its name says so', part('name="a; filename=b"', 'a'.repeat(MAX_KEPT_BODY))],
    ['an escape says so', part('name="a\\"; filename=b; x=""', 'a'.repeat(MAX_KEPT_BODY))],
    ['a lone line feed says so', part('name="a"\n; filename="b"', 'a'.repeat(MAX_KEPT_BODY))],
    ['another head says so', part('name="a"\r\nX-Note: a; filename="b"', 'a'.repeat(MAX_KEPT_BODY))],
    [
      'a mark within its line says so',
      part('name="a"', `a--B\r\nContent-Disposition: x; filename="b"\r\n\r\n${'a'.repeat(MAX_KEPT_BODY)}`),
    ],
  ])('takes no field for a file where %s', (_why, hidden) => {
    expect(form([hidden, part('name="sort"', NAME)]).isPartial?.()).toBe(true);
  });
});

describe('what is kept of bodies', () => {
  const send = (kept: KeptBytes, bytes: number): { handler: HandlerRequest; end: () => void } => {
    const request = message('text/plain');
    const ends: (() => void)[] = [];
    const handler = followMessage(request, '/', {
      parsed: () => undefined,
      onEnd: (ended) => void ends.push(ended),
      kept,
    });
    request.emit('data', Buffer.alloc(bytes, 'a'));
    return { handler, end: () => ends.forEach((ended) => ended()) };
  };

  it('has a ceiling for all requests at work, beyond which one is not known whole', () => {
    const kept = new KeptBytes(100);
    const first = send(kept, 100);
    const second = send(kept, 100);
    expect([first.handler.isPartial?.(), second.handler.isPartial?.()]).toEqual([false, true]);
    expect(second.handler.body?.()).toBe('');
    first.end();
    first.end();
    second.end();
    expect(send(kept, 100).handler.isPartial?.()).toBe(false);
    expect(send(kept, 1).handler.isPartial?.()).toBe(true);
  });

  it('is told to be a part of a text, and of a file that is only its beginning is not', () => {
    const long = Buffer.alloc(MAX_KEPT_BODY + 1, 'a');
    const read = (type: string): HandlerRequest => {
      const request = message(type);
      const handler = follow(request);
      request.emit('data', long);
      return handler;
    };
    expect(read('text/csv').isPartial?.()).toBe(true);
    expect(read('image/png').isPartial?.()).toBe(false);
    expect(String(read('image/png').body?.()).length).toBeLessThan(long.byteLength);
  });
});

describe('a request of the Fetch standard', () => {
  const post = (body: string, type: string): Request =>
    new Request('http://a.example/', { method: 'POST', body, headers: { 'content-type': type } });

  it.each(['text', 'arrayBuffer', 'blob'] as const)(
    'shows names of files of a form that %s reads',
    async (reader) => {
      const request = post(`${part(`name="f"; filename="${NAME}"`, 'two')}--B--\r\n`, FORM);
      const handler = followRequest(request);
      await request[reader]();
      expect(values(handler)).toContain(NAME);
    },
  );

  it.each(['arrayBuffer', 'blob'] as const)(
    'is not known whole when %s gives more than is kept',
    async (reader) => {
      const request = post('a'.repeat(MAX_KEPT_BODY + 1), 'application/json');
      const handler = followRequest(request);
      expect(handler.isPartial?.()).toBe(false);
      await request[reader]();
      expect(handler.isPartial?.()).toBe(true);
    },
  );
});
