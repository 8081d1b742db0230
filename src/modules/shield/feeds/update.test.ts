import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { writeMmdb } from '../place/test-mmdb.ts';
import { FeedFiles } from './files.ts';
import { addresses, feedOf, freshFolder, oneFeed, ports, publish } from './test-source.ts';
import { rollbackFeed, updateFeed } from './update.ts';

const inUse = (feed: Parameters<typeof updateFeed>[0], folder: string): string =>
  readFileSync(new FeedFiles(folder, feed).current, 'utf8');
const sum = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a feed', () => {
  it('is fetched, kept for its owner alone, and said to be the same as long as its source has nothing newer', async () => {
    const source = await publish(addresses(40));
    source.etag = '"one"';
    const feed = feedOf(source);
    const at = ports();
    const first = await updateFeed(feed, at);
    expect(first).toMatchObject({
      outcome: 'updated',
      record: { entries: 40, error: null, failures: 0, updatedAtMs: at.clock.now() },
    });
    expect(inUse(feed, at.folder)).toBe(source.body);
    expect(statSync(new FeedFiles(at.folder, feed).current).mode & 0o077).toBe(0);
    at.clock.advance(86_400_000);
    const second = await updateFeed(feed, at);
    expect(source.requests[1]?.headers['if-none-match']).toBe('"one"');
    expect(second).toMatchObject({ outcome: 'same', record: { checkedAtMs: at.clock.now(), entries: 40 } });
    expect(second.record.updatedAtMs).toBe(first.record.updatedAtMs);
    source.etag = '"two"';
    source.body = addresses(50);
    expect(await updateFeed(feed, at)).toMatchObject({ outcome: 'updated', record: { entries: 50 } });
    expect(readdirSync(at.folder).toSorted()).toEqual(['own.list', 'own.list.previous', 'own.state']);
  });

  it('is the same when all of it comes again, whatever the source says of it', async () => {
    const source = await publish(addresses(40));
    const at = ports();
    const feed = feedOf(source);
    await updateFeed(feed, at);
    const stamp = new FeedFiles(at.folder, feed).stamp();
    expect(await updateFeed(feed, at)).toMatchObject({ outcome: 'same' });
    expect(new FeedFiles(at.folder, feed).stamp()).toBe(stamp);
  });

  it('stays what it was, and says why in words, when its source fails or sends what is none', async () => {
    const source = await publish(addresses(40));
    const feed = feedOf(source);
    const at = ports();
    await updateFeed(feed, at);
    const bad: [Partial<typeof source>, RegExp][] = [
      [{ body: '<html><body>Bad gateway</body></html>' }, /not taken/],
      [{ body: '' }, /holds no address/],
      [{ body: `${addresses(40)}\n0.0.0.0/0` }, /too wide/],
      [{ body: Array.from({ length: 80 }, (_, i) => `${i + 1}.0.0.0/8`).join('\n') }, /quarter of all/],
      [{ body: addresses(19) }, /shrunk from 40 to 19 entries.*--force/],
      [{ status: 404 }, /no such file \(404\)/],
      [{ status: 403 }, /refuses us \(403\)/],
      [{ status: 429 }, /asked too often/],
      [{ status: 503 }, /answered 503.*rampart feeds update own/],
      [{ status: 302, headers: { location: 'http://10.0.0.1/' } }, /no public server/],
      [{ body: gzipSync('x').subarray(0, 12) }, /gzip file is broken/],
    ];
    for (const [i, [answer, words]] of bad.entries()) {
      Object.assign(source, { status: 200, headers: {}, body: addresses(41) }, answer);
      const { outcome, record } = await updateFeed(feed, at);
      expect(outcome).toBe('failed');
      expect(record.error).toMatch(words);
      expect(record.failures).toBe(i + 1);
      expect(inUse(feed, at.folder)).toBe(addresses(40));
    }
    Object.assign(source, { status: 200, headers: {}, body: addresses(41) });
    expect(await updateFeed(feed, at)).toMatchObject({
      outcome: 'updated',
      record: { failures: 0, error: null },
    });
    expect(readdirSync(at.folder).filter((name) => name.includes('.new-'))).toEqual([]);
  });

  it('may shrink when it is told to, and small ones as they like', async () => {
    const source = await publish(addresses(40));
    const feed = feedOf(source);
    const at = ports();
    await updateFeed(feed, at);
    source.body = addresses(8);
    expect((await updateFeed(feed, at)).outcome).toBe('failed');
    expect((await updateFeed(feed, at, { force: true })).outcome).toBe('updated');
    source.body = addresses(1);
    expect((await updateFeed(feed, at)).outcome).toBe('updated');
  });

  it('is not taken from a server that may not be called', async () => {
    const source = await publish(addresses(40));
    const at = ports();
    const { fetch: _fetch, ...open } = feedOf(source);
    const { record } = await updateFeed({ ...open, fetch: { allowHttp: true } }, at);
    expect(record.error).toMatch(/no public server.*fetch\.allowRanges/);
    expect(source.requests).toEqual([]);
  });

  it('says so when its source is not there', async () => {
    const source = await publish('');
    const { record } = await updateFeed(feedOf({ ...source, port: 1, url: 'http://127.0.0.1:1/' }), ports());
    expect(record.error).toMatch(/cannot be reached \(ECONNREFUSED\)/);
  });

  it('is unpacked, within bounds; archives are refused with what to do', async () => {
    const source = await publish(gzipSync(addresses(40)));
    const feed = feedOf(source);
    const at = ports();
    expect(await updateFeed(feed, at)).toMatchObject({ outcome: 'updated', record: { entries: 40 } });
    expect(inUse(feed, at.folder)).toBe(addresses(40));
    source.body = gzipSync(Buffer.alloc(5_000_001));
    const bots = feedOf(source, { kind: 'bots' }, 'googlebot');
    expect((await updateFeed(bots, at)).record.error).toMatch(/unpacks to more than 5000000 bytes/);
    source.body = gzipSync(await packTar([{ header: { name: 'a.list', size: 1 }, body: 'a' }]));
    expect((await updateFeed(feed, at)).record.error).toMatch(/tar archive.*only databases/);
  });

  it('of places may come in a tar archive beside its licence', async () => {
    const database = writeMmdb({ '203.0.113.0/24': { country: { iso_code: 'DE' } } });
    const file = (name: string, body: Uint8Array | string) => ({ header: { name, size: body.length }, body });
    const folder = { header: { name: 'GeoLite2-City_20260102/', size: 0, type: 'directory' as const } };
    const [licence, city] = [file('City/LICENSE.txt', 'free'), file('City/GeoLite2-City.mmdb', database)];
    const source = await publish(gzipSync(await packTar([folder, licence, city])));
    const feed = feedOf(source, { kind: 'mmdb' });
    const at = ports();
    expect(await updateFeed(feed, at)).toMatchObject({ outcome: 'updated' });
    expect(readFileSync(new FeedFiles(at.folder, feed).current).equals(database)).toBe(true);
    const errorOf = async (body: Uint8Array) => {
      source.body = body;
      return (await updateFeed(feed, at)).record.error;
    };
    expect(await errorOf(await packTar([licence]))).toMatch(/holds 0 databases/);
    expect(await errorOf(await packTar([city, file('ASN.mmdb', database)]))).toMatch(/holds 2 databases/);
    const cut = (await packTar([licence, city])).slice(0, 1_600);
    expect(await errorOf(cut)).toMatch(/archive is broken/);
    const many = Array.from({ length: 1_001 }, (_, i) => file(`${i}.txt`, ''));
    expect(await errorOf(await packTar(many))).toMatch(/too many files/);
    // A size below zero would send a careless reader back to where it was, for ever.
    const looping = Buffer.from(await packTar([city]));
    looping.write('-0000001000', 124, 'latin1');
    expect(await errorOf(looping)).toMatch(/archive is broken/);
  });

  it('of places is read by what will read it', async () => {
    const source = await publish(gzipSync(writeMmdb({ '203.0.113.0/24': { country: { iso_code: 'DE' } } })));
    const feed = feedOf(source, { kind: 'mmdb' });
    const at = ports();
    expect(await updateFeed(feed, at)).toMatchObject({
      outcome: 'updated',
      record: { entries: null, builtAtMs: 1_700_000_000_000 },
    });
    source.body = addresses(40);
    expect((await updateFeed(feed, at)).record.error).toMatch(/no \.mmdb file/);
  });

  it('of bots and of mail domains is read by what will read it', async () => {
    const prefixes = [{ ipv4Prefix: '66.249.64.0/27' }, { ipv6Prefix: '2001:4860:4801::/48' }];
    const bots = await publish(JSON.stringify({ creationTime: '2026-01-02T03:04:05', prefixes }));
    const at = ports();
    expect(await updateFeed(feedOf(bots, { kind: 'bots' }, 'googlebot'), at)).toMatchObject({
      outcome: 'updated',
      record: { entries: 2 },
    });
    bots.body = JSON.stringify({ prefixes: [{ ipv4Prefix: '0.0.0.0/0' }] });
    expect((await updateFeed(feedOf(bots, { kind: 'bots' }, 'googlebot'), at)).record.error).toMatch(
      /too wide/,
    );
    const domains = await publish('# list\nmailinator.example\n@trash.example\n');
    const feed = feedOf(domains, { kind: 'disposable' }, 'domains');
    expect(await updateFeed(feed, at)).toMatchObject({ outcome: 'updated', record: { entries: 2 } });
    domains.body = 'mailinator.example\ntrash.example\nGMail.com\n';
    expect((await updateFeed(feed, at)).record.error).toMatch(/gmail\.com, where people live/);
  });

  it('with a pinned sum takes that file and no other, packed or not', async () => {
    const packed = gzipSync(addresses(40));
    for (const sha256 of [sum(packed), sum(addresses(40)).toUpperCase()]) {
      const source = await publish(packed);
      const at = ports();
      const feed = feedOf(source, { sha256 });
      expect((await updateFeed(feed, at)).outcome).toBe('updated');
      source.body = addresses(41);
      expect((await updateFeed(feed, at, { force: true })).record.error).toMatch(/another file than sha256/);
    }
  });

  it('brings its key, which is never repeated', async () => {
    const source = await publish(addresses(40));
    source.status = 401;
    const at = ports({ BEARER: 'secret-1', BASIC: '42:secret-2' });
    const words: (string | null)[] = [];
    for (const [key, from] of [
      ['BEARER', source.url],
      ['BASIC', source.url],
      ['BEARER', `${source.url}?token={key}`],
      ['ABSENT', source.url],
    ] as const)
      words.push((await updateFeed(feedOf(source, { key, from }), at)).record.error);
    expect(source.requests.map(({ headers, url }) => [headers.authorization, url])).toEqual([
      ['Bearer secret-1', '/list'],
      [`Basic ${Buffer.from('42:secret-2').toString('base64')}`, '/list'],
      [undefined, '/list?token=secret-1'],
    ]);
    expect(words[0]).toMatch(/refuses our key \(401\).*BEARER/);
    expect(words[3]).toMatch(/ABSENT or ABSENT_FILE/);
    expect(words.join()).not.toContain('secret-');
    expect(readFileSync(join(at.folder, 'own.state'), 'utf8')).not.toContain('secret-');
  });

  it('asks for the month that it is', async () => {
    const source = await publish(addresses(40));
    const at = ports();
    await updateFeed(feedOf(source, { from: `${source.url}-{yyyy}-{mm}` }), at);
    const month = new Date(at.clock.now()).toISOString().slice(0, 7);
    expect(source.requests[0]?.url).toBe(`/list-${month}`);
  });

  it('may be copied from a path', async () => {
    const from = join(freshFolder(), 'exits.txt');
    const feed = oneFeed('own', { kind: 'list', from });
    const at = ports();
    expect((await updateFeed(feed, at)).record.error).toMatch(/cannot be read \(ENOENT\)/);
    writeFileSync(from, addresses(40));
    expect((await updateFeed(feed, at)).outcome).toBe('updated');
    expect((await updateFeed(feed, at)).outcome).toBe('same');
    writeFileSync(from, addresses(41));
    expect(await updateFeed(feed, at)).toMatchObject({ outcome: 'updated', record: { entries: 41 } });
  });

  it('may be put in place by hand', async () => {
    const feed = oneFeed('own', { kind: 'list' });
    const at = ports();
    expect((await updateFeed(feed, at)).record.error).toMatch(/Put the file in place as .*own\.list/);
    mkdirSync(at.folder, { recursive: true });
    writeFileSync(join(at.folder, 'own.list'), addresses(40));
    expect(await updateFeed(feed, at)).toMatchObject({ outcome: 'updated', record: { entries: 40 } });
    expect((await updateFeed(feed, at)).outcome).toBe('same');
  });

  it('whose file was changed by somebody else is fetched anew, whatever was known of it', async () => {
    const source = await publish(addresses(40));
    source.etag = '"one"';
    const feed = feedOf(source);
    const at = ports();
    await updateFeed(feed, at);
    writeFileSync(new FeedFiles(at.folder, feed).current, '198.51.100.1');
    expect((await updateFeed(feed, at)).outcome).toBe('updated');
    expect(inUse(feed, at.folder)).toBe(addresses(40));
  });

  it('of another source than before asks as if it knew nothing', async () => {
    const one = await publish(addresses(40));
    const two = await publish(addresses(41));
    one.etag = two.etag = '"same"';
    const at = ports();
    await updateFeed(feedOf(one), at);
    expect(await updateFeed(feedOf(two), at)).toMatchObject({ outcome: 'updated', record: { entries: 41 } });
  });

  it('fails in words where its folder cannot be written', async () => {
    const source = await publish(addresses(40));
    const at = ports();
    writeFileSync(at.folder, 'a file');
    mkdirSync(dirname(at.folder), { recursive: true });
    const { outcome, record } = await updateFeed(feedOf(source), at);
    expect(outcome).toBe('failed');
    expect(record.error).toMatch(/cannot be written/);
  });

  it('tells how far a download is', async () => {
    const source = await publish(addresses(4_000));
    source.headers = { 'content-length': String(source.body.length) };
    const seen: [number, number | null][] = [];
    const at = {
      ...ports(),
      onBytes: (bytes: number, total: number | null) => void seen.push([bytes, total]),
    };
    await updateFeed(feedOf(source), at);
    const size = Buffer.byteLength(source.body);
    expect(seen.at(-1)).toEqual([size, size]);
  });
});

describe('what was taken', () => {
  it('can be taken back, does not come again by itself, and comes again when it is told to', async () => {
    const source = await publish(addresses(40));
    const feed = feedOf(source);
    const at = ports();
    await updateFeed(feed, at);
    await expect(rollbackFeed(feed, at)).rejects.toThrow(/no file before/);
    source.body = addresses(50);
    await updateFeed(feed, at);
    expect(await rollbackFeed(feed, at)).toMatchObject({ entries: 40 });
    expect(inUse(feed, at.folder)).toBe(addresses(40));
    expect((await updateFeed(feed, at)).record.error).toMatch(/was taken back.*--force/);
    expect(inUse(feed, at.folder)).toBe(addresses(40));
    source.body = addresses(51);
    expect((await updateFeed(feed, at)).outcome).toBe('updated');
    await rollbackFeed(feed, at);
    expect(inUse(feed, at.folder)).toBe(addresses(40));
    expect(await updateFeed(feed, at, { force: true })).toMatchObject({
      outcome: 'updated',
      record: { entries: 51 },
    });
  });
});
