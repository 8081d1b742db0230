import { deflateRawSync } from 'node:zlib';
import { crc32 } from 'node:zlib';
import type { EventFields, EventType } from '../../core/events.ts';
import type { BodySource } from '../../core/intake.ts';
import type { FileReading, FileStore, FileZone, StagedFile } from '../../ports/files.ts';
import { ManualClock } from '../../testing/clock.ts';
import { type FaultControl, faultControl } from '../../testing/faulty/control.ts';
import type { IncomingBody, UploadOptions, UploadPorts } from './index.ts';
import { memoryRecords, upload } from './index.ts';

/** A store in memory, with faults on demand and everything open to the test. */
export interface TestStore extends FileStore {
  readonly faults: FaultControl;
  readonly files: Map<string, Buffer>;
  /** Files that were begun and neither kept nor discarded. */
  staged(): number;
}

export function testStore(): TestStore {
  const faults = faultControl();
  const files = new Map<string, Buffer>();
  let staged = 0;
  const reading = (bytes: Buffer): FileReading => ({
    bytes: bytes.length,
    read: (from, to) => Promise.resolve(bytes.subarray(from, to)),
    async *stream() {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    },
    close: () => Promise.resolve(),
  });
  const begun = (): StagedFile => {
    const chunks: Buffer[] = [];
    let here = true;
    staged += 1;
    const discard = async (): Promise<void> => {
      if (here) staged -= 1;
      here = false;
    };
    return {
      async write(chunk) {
        await faults.enter('write');
        chunks.push(Buffer.from(chunk));
      },
      async seal() {
        await faults.enter('seal');
        return reading(Buffer.concat(chunks));
      },
      async keep(zone, key) {
        await faults.enter('keep');
        files.set(`${zone}/${key}`, Buffer.concat(chunks));
        await discard();
      },
      discard,
    };
  };
  const at = (zone: FileZone, key: string): string => `${zone}/${key}`;
  return {
    faults,
    files,
    staged: () => staged,
    async stage() {
      await faults.enter('stage');
      return begun();
    },
    async open(zone, key) {
      await faults.enter('open');
      const found = files.get(at(zone, key));
      return found && reading(found);
    },
    async move(from, key, to) {
      await faults.enter('move');
      const found = files.get(at(from, key));
      if (found === undefined) return false;
      files.delete(at(from, key));
      files.set(at(to, key), found);
      return true;
    },
    async remove(zone, key) {
      await faults.enter('remove');
      return files.delete(at(zone, key));
    },
    sweep: () => Promise.resolve(0),
  };
}

/** One uploader with everything that it stands on. */
export function testUpload(options: UploadOptions, ports: Partial<UploadPorts> = {}) {
  const clock = new ManualClock();
  const store = testStore();
  const records = memoryRecords();
  const events: { type: EventType; fields: EventFields | undefined }[] = [];
  const uploader = upload('test', options, {
    store,
    records,
    clock,
    timers: clock,
    events: { emit: (type, fields) => void events.push({ type, fields }) },
    ...ports,
  });
  const send = (incoming: IncomingBody) => uploader.receive(incoming, { owner: 'user:1', decision: 'dec_1' });
  return { uploader, clock, store, records, events, send };
}

/** A file of a form. */
export interface TestFile {
  readonly field?: string;
  readonly name: string;
  readonly type?: string;
  readonly bytes: Uint8Array | string;
}

export const BOUNDARY = '----rampart';

/** One part, as a browser writes it. */
export function partOf({ field = 'file', name, type, bytes }: TestFile): Buffer {
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\n`;
  const line = type === undefined ? '' : `content-type: ${type}\r\n`;
  return Buffer.concat([Buffer.from(`${head}${line}\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
}

/** A request that is a form. */
export function form(...files: readonly TestFile[]): IncomingBody {
  return body(Buffer.concat([...files.map(partOf), Buffer.from(`--${BOUNDARY}--\r\n`)]));
}

/** A request with this body, in chunks of `step` bytes. */
export function body(
  bytes: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
  step = 16_384,
): IncomingBody {
  const all = Buffer.from(bytes);
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < all.length; at += step) yield all.subarray(at, at + step);
  }
  return streamed(chunks(), headers);
}

/** A request whose body is this stream. */
export function streamed(source: BodySource, headers: Readonly<Record<string, string>> = {}): IncomingBody {
  const all: Readonly<Record<string, string>> = {
    'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    ...headers,
  };
  return { body: source, header: (name) => all[name] };
}

/** What an entry of an archive is made of; what is said of it may be a lie. */
export interface TestEntry {
  readonly name: string;
  readonly data: Uint8Array | string;
  readonly stored?: boolean;
  readonly says?: number;
  readonly flags?: number;
  readonly attributes?: number;
  /** Where its bytes lie, instead of where they do. */
  readonly at?: number;
}

/** Writes an archive by hand, so that it may lie. */
export function zipOf(entries: readonly TestEntry[], comment = ''): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data);
    const packed = entry.stored === true ? data : deflateRawSync(data);
    const name = Buffer.from(entry.name);
    const size = entry.says ?? data.length;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE((entry.flags ?? 0) | 0x800, 2);
    common.writeUInt16LE(entry.stored === true ? 0 : 8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(entry.attributes ?? 0, 6);
    tail.writeUInt32LE(entry.at ?? offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 3]), common, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, directory, end, Buffer.from(comment, 'latin1')]);
}

const chunkOf = (name: string, data: Uint8Array): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(name), data]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, crc]);
};

/** A picture that is right in all but its pixels: of the size that it says. */
export function pngOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    magic,
    chunkOf('IHDR', header),
    chunkOf('IDAT', Buffer.from([1])),
    chunkOf('IEND', Buffer.alloc(0)),
  ]);
}
