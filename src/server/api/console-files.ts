import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Files and bytes of a built console at most: a wrong folder is noticed instead of read into memory. */
const MAX_FILES = 2_000;
const MAX_BYTES = 64 * 1024 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json; charset=utf-8',
  webp: 'image/webp',
  woff2: 'font/woff2',
};
const COMPRESSED_ALREADY = new Set(['ico', 'jpg', 'png', 'webp', 'woff2']);
/** Below this, compression saves less than its header costs. */
const MIN_COMPRESS_BYTES = 512;

type Encoding = 'br' | 'gzip';

/** A file of the console in memory. */
export interface ConsoleFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly compressible: boolean;
  /** Filled in when first asked for. */
  readonly encoded: Map<Encoding, Promise<Uint8Array<ArrayBuffer>>>;
}

/** A built console: read once, so that a request can name nothing but what was there at the start. */
export interface ConsoleFiles {
  /** By path below the folder, with `/`: `assets/index-4f2a.js`. */
  readonly files: ReadonlyMap<string, ConsoleFile>;
  /** Pages with the nonce's place left open, by name: `index.html`, `docs.html`. */
  readonly pages: ReadonlyMap<string, string>;
}

/** Reads a folder. @returns nothing in it when it is not there */
export async function readConsoleFiles(dir: string): Promise<ConsoleFiles> {
  const files = new Map<string, ConsoleFile>();
  const pages = new Map<string, string>();
  let bytes = 0;
  for (const path of await filesIn(dir)) {
    const content = new Uint8Array(await readFile(path));
    bytes += content.byteLength;
    if (files.size >= MAX_FILES || bytes > MAX_BYTES) break;
    const name = relative(dir, path).split(sep).join('/');
    const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
    if (extension === 'html') pages.set(name, new TextDecoder().decode(content));
    else {
      files.set(name, {
        type: TYPES[extension] ?? 'application/octet-stream',
        bytes: content,
        compressible: !COMPRESSED_ALREADY.has(extension) && content.byteLength >= MIN_COMPRESS_BYTES,
        encoded: new Map(),
      });
    }
  }
  return { files, pages };
}

async function filesIn(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The best encoding of a file that the client takes; `undefined` for none. */
export function encodingFor(file: ConsoleFile, accepted: string | undefined): Encoding | undefined {
  if (!file.compressible || accepted === undefined) return undefined;
  const takes = (name: string): boolean =>
    accepted
      .split(',', 20)
      .some(
        (one) =>
          /^\s*([a-z*]+)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$)[\d.]+\s*)?$/i.exec(one)?.[1]?.toLowerCase() === name,
      );
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : undefined;
}

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** The file's bytes in an encoding, compressed once. */
export function encode(file: ConsoleFile, encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = file.encoded.get(encoding);
  if (!bytes) {
    bytes = (
      encoding === 'br'
        ? brotli(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
        : zip(file.bytes, { level: 9 })
    ).then((buffer) => new Uint8Array(buffer));
    file.encoded.set(encoding, bytes);
  }
  return bytes;
}
