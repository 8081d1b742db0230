import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequestContext } from '../../src/core/context.ts';
import { CspNonce } from '../../src/core/fact.ts';
import { openApiPath } from '../../src/server/api/openapi.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { errorOf, House } from './house.ts';

const SCRIPT = `console.log(${JSON.stringify('x'.repeat(4_000))})`;

/** Pages, files of the console, and the document of all routes. */
export function pageSuite(stores: () => Stores): void {
  let dir: string;
  let house: House;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'rampart-console-'));
    mkdirSync(join(dir, 'dist', 'assets'), { recursive: true });
    writeFileSync(join(dir, 'secret.txt'), 'outside');
    writeFileSync(
      join(dir, 'dist', 'index.html'),
      '<script nonce="__NONCE__"></script><link nonce="__NONCE__">',
    );
    writeFileSync(join(dir, 'dist', 'docs.html'), '<title>docs</title><script nonce="__NONCE__"></script>');
    writeFileSync(join(dir, 'dist', 'assets', 'index-4f2a.js'), SCRIPT);
    writeFileSync(join(dir, 'dist', 'assets', 'tiny-1.css'), 'a{}');
    house = new House(stores(), { consoleDir: join(dir, 'dist') });
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  describe('the console', () => {
    it('is the same page under every path of the application', async () => {
      for (const path of ['/console', '/console/', '/console/decisions/dec_1', '/console/setup']) {
        const response = await house.fetch(path);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(response.headers.get('cache-control')).toBe('no-store');
        expect(await response.text()).toContain('<script nonce="');
      }
      expect(await (await house.fetch('/docs')).text()).toContain('<title>docs</title>');
      expect((await house.fetch('/')).headers.get('location')).toBe('/console');
    });

    it("carries this response's nonce, never the same twice", async () => {
      const nonces = new Set<string>();
      for (let i = 0; i < 5; i++) {
        const response = await house.fetch('/console');
        const found = [...(await response.text()).matchAll(/nonce="([^"]+)"/g)].map(
          (one) => one[1] as string,
        );
        expect(found).toHaveLength(2);
        expect(found[0]).toBe(found[1]);
        expect(response.headers.get('content-security-policy')).toContain(`'nonce-${found[0]}'`);
        nonces.add(found[0] as string);
      }
      expect(nonces.size).toBe(5);
    });

    it("takes the corridor's nonce where there is one, and leaves the policy to it", async () => {
      const context = Object.create(RequestContext.prototype) as RequestContext;
      context.get = ((fact: unknown) =>
        fact === CspNonce ? 'bm9uY2U=' : undefined) as RequestContext['get'];
      const response = await house.app.fetch(new Request('http://localhost/console'), { context });
      expect(await response.text()).toBe('<script nonce="bm9uY2U="></script><link nonce="bm9uY2U=">');
      expect(response.headers.get('content-security-policy')).toBeNull();
    });

    it('gives its files for ever, compressed as the browser takes them', async () => {
      const get = (accept: string | undefined): Promise<Response> =>
        house.fetch(
          '/console/assets/index-4f2a.js',
          accept === undefined ? {} : { headers: { 'accept-encoding': accept } },
        );
      const plain = await get(undefined);
      expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      expect(plain.headers.get('vary')).toBe('accept-encoding');
      expect(await plain.text()).toBe(SCRIPT);
      const bytesOf = async (response: Response): Promise<Buffer> =>
        Buffer.from(await response.arrayBuffer());
      const brotli = await get('gzip, deflate, br');
      expect(brotli.headers.get('content-encoding')).toBe('br');
      const packed = await bytesOf(brotli);
      expect(brotli.headers.get('content-length')).toBe(String(packed.length));
      expect(brotliDecompressSync(packed).toString()).toBe(SCRIPT);
      const gzip = await get('gzip;q=1.0, br;q=0');
      expect(gzip.headers.get('content-encoding')).toBe('gzip');
      expect(gunzipSync(await bytesOf(gzip)).toString()).toBe(SCRIPT);
      expect((await get('identity')).headers.get('content-encoding')).toBeNull();
      const tiny = await house.fetch('/console/assets/tiny-1.css', { headers: { 'accept-encoding': 'br' } });
      expect(tiny.headers.get('content-encoding')).toBeNull();
    });

    it('gives nothing that is not its own, and no page for a missing file', async () => {
      const paths = [
        'assets/none.js',
        'assets/..%2f..%2fsecret.txt',
        '..%2fsecret.txt',
        '%2e%2e/secret.txt',
        '..%5csecret.txt',
        'assets/index-4f2a.js/',
        'assets/',
        'constructor.js',
        '.git/config',
      ];
      for (const path of paths) {
        const response = await house.fetch(`/console/${path}`);
        expect([path, response.status]).toEqual([path, 404]);
        expect(await response.text()).not.toContain('outside');
      }
    });

    it('says how to build it when it was not', async () => {
      for (const consoleDir of [undefined, join(dir, 'nowhere')]) {
        const bare = new House(stores(), consoleDir === undefined ? {} : { consoleDir });
        const response = await bare.fetch('/console');
        expect(response.status).toBe(404);
        expect((await errorOf(response)).message).toContain('npm run build');
      }
    });
  });

  describe('the document of all routes', () => {
    it('holds every route of the router, and no other', async () => {
      const { paths } = (await (await house.fetch('/openapi.json')).json()) as {
        paths: Record<string, Record<string, unknown>>;
      };
      const written = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
      const routed = house.app.routes
        .filter((one) => one.method !== 'ALL')
        .map((one) => `${one.method} ${openApiPath(one.path)}`);
      expect(routed.length).toBeGreaterThan(35);
      expect(written.toSorted()).toEqual([...new Set(routed)].toSorted());
    });

    it('is whole: unique names, answers, security, and references that lead somewhere', async () => {
      const text = await (await house.fetch('/openapi.json')).text();
      const document = JSON.parse(text) as {
        openapi: string;
        components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
        paths: Record<string, Record<string, Operation>>;
      };
      expect(document.openapi).toBe('3.1.0');
      const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
      );
      const names = operations.map((one) => one.operation.operationId);
      expect(new Set(names).size).toBe(names.length);
      for (const { path, method, operation } of operations) {
        expect(Object.keys(operation.responses)[0]).toMatch(/^[23]\d\d$/);
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((one) => one[1]);
        const named = (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name);
        expect(named).toEqual(inPath);
        if (path.startsWith('/admin/') && operation.operationId !== 'postAdminSession') {
          expect(operation.security.length).toBeGreaterThan(0);
          expect(operation.responses).toHaveProperty('401');
        }
        for (const scheme of operation.security.flatMap((one) => Object.keys(one))) {
          expect(document.components.securitySchemes).toHaveProperty(scheme);
        }
        if (method === 'post' && operation.requestBody) expect(operation.responses).toHaveProperty('413');
      }
      for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
        expect(document.components.schemas).toHaveProperty(name as string);
      }
      expect(text).not.toContain('#/$defs');
    });
  });

  describe('security.txt', () => {
    it('names contacts and an end within the year', async () => {
      const configured = new House(stores(), {
        facts: { securityContacts: ['mailto:security@example.org'], publicUrl: 'https://example.org' },
      });
      const text = await (await configured.fetch('/.well-known/security.txt')).text();
      expect(text).toContain('Contact: mailto:security@example.org\n');
      expect(text).toContain('Canonical: https://example.org/.well-known/security.txt\n');
      const expires = Date.parse(/^Expires: (.*)$/m.exec(text)?.[1] ?? '');
      expect(expires).toBeGreaterThan(configured.clock.now() + 150 * 86_400_000);
      expect(expires).toBeLessThan(configured.clock.now() + 365 * 86_400_000);
    });

    it('is not there without a contact', async () => {
      expect((await house.fetch('/.well-known/security.txt')).status).toBe(404);
    });
  });

  it('answers HEAD as GET without a body', async () => {
    for (const path of ['/livez', '/console', '/openapi.json']) {
      const response = await house.fetch(path, { method: 'HEAD' });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
    }
  });
}

interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: Record<string, unknown>;
}
