import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../testing/clock.ts';
import { dnsResolver, safeFetcher, type SafeFetchOptions } from './index.ts';
import { answerOf, cleanups, local, nameServer, serve } from './test-upstream.ts';

/** Addresses that must never be called. */
const INSIDE = `
  127.0.0.1 0 0x7f.1 2130706433 017700000001 127.1 127.0.0.1. ①②⑦.0.0.1 127。0。0。1
  [::] [::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [64:ff9b::7f00:1] [2002:7f00:1::]
  [2001:0:4136:e378:8000:63bf:3fff:fdd2] [fc00::1] [fd00:ec2::254] [fe80::1] [ff02::1]
  169.254.169.254 100.100.100.200 100.64.0.1 10.0.0.1 172.16.0.1 192.168.1.1 224.0.0.1 255.255.255.255 198.18.0.1
  metadata.google.internal localhost localhost. printer router.local a.localhost LOCALHOST db.internal.`
  .trim()
  .split(/\s+/)
  .map((host) => `https://${host}/`);
const ODD = `
  file:///etc/passwd gopher://example.com/ http://example.com/ ftp://example.com/ data:,x javascript:1 //example.com
  https://example.com:22/ https://example.com:8443/ https://user@example.com/ https://u:p@example.com/
  https://example.com@127.0.0.1/ https://[fe80::1%25eth0]/ https:// https:///`
  .trim()
  .split(/\s+/);

describe('safeFetch', () => {
  it.each(INSIDE.concat(ODD, ''))(
    'A74: refuses %s, when it is registered and when it is called',
    async (url) => {
      const resolve = vi.fn(async () => ['93.184.215.14']);
      const emit = vi.fn();
      const safe = safeFetcher({}, { resolve, events: { emit } });
      await expect(safe.check(url)).rejects.toMatchObject({ code: 'SSRF_BLOCKED', status: 400 });
      await expect(safe(url)).rejects.toMatchObject({ code: 'SSRF_BLOCKED', details: undefined });
      expect(resolve).not.toHaveBeenCalled();
      expect(emit).toHaveBeenCalledTimes(2);
      expect(emit.mock.calls[0]?.[0]).toBe('SSRF_BLOCKED');
      expect(JSON.stringify(emit.mock.calls)).not.toMatch(/u:p|user@|passwd/);
    },
  );

  it.each([
    ['a name that leads inside', ['127.0.0.1']],
    ['a public address beside a private one', ['93.184.215.14', '10.0.0.1']],
    ['a public IPv4 beside an inner IPv6', ['93.184.215.14', 'fd00::1']],
    ['a mapped one', ['::ffff:10.0.0.1']],
    ['something that is no address', ['93.184.215.14', 'nonsense']],
    ['more addresses than anybody has', Array.from({ length: 65 }, (_, i) => `93.184.215.${i}`)],
  ])('A74: refuses %s', async (_what, found) => {
    const safe = safeFetcher({}, { resolve: async () => found });
    await expect(safe.check('https://example.com/')).rejects.toMatchObject({ code: 'SSRF_BLOCKED' });
    await expect(safe('https://example.com/')).rejects.toMatchObject({ code: 'SSRF_BLOCKED' });
  });

  it('lets public addresses and names be registered', async () => {
    const safe = safeFetcher({}, { resolve: async () => ['93.184.215.14', '2606:2800:21f:cb07::1'] });
    for (const url of [
      'https://example.com/hook?a=1',
      'https://例え.jp/',
      'https://8.8.8.8/',
      'https://example.com.',
    ])
      await expect(safe.check(url)).resolves.toBeUndefined();
  });

  it('calls only listed names where there is a list', async () => {
    const resolve = async () => ['93.184.215.14'];
    const safe = safeFetcher({ hosts: ['api.example.com', '*.example.org'] }, { resolve });
    await expect(safe.check('https://api.example.com/')).resolves.toBeUndefined();
    await expect(safe.check('https://a.b.example.org/')).resolves.toBeUndefined();
    for (const host of [
      'example.com',
      'example.org',
      'evilexample.org',
      'api.example.com.evil.net',
      '93.184.215.14',
    ])
      await expect(safe.check(`https://${host}/`)).rejects.toMatchObject({ reason: 'host' });
  });

  it('A75: connects to the address that was checked, and asks for it once', async () => {
    const server = await serve((socket) => socket.end(answerOf('hello')));
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['10.0.0.1']];
    const resolve = vi.fn(async () => answers.shift() as string[]);
    const safe = local(server, {}, { resolve });
    const response = await safe(`http://hook.example.com:${server.port}/a?b=c`);
    expect(await response.text()).toBe('hello');
    expect(response.url).toBe(`http://hook.example.com:${server.port}/a?b=c`);
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(server.requests[0]).toMatch(/^GET \/a\?b=c HTTP\/1\.1\r\n/);
    expect(server.requests[0]).toContain(`host: hook.example.com:${server.port}\r\n`);
    // The second time the name leads elsewhere: looked at anew, and refused.
    await expect(safe(`http://hook.example.com:${server.port}/`)).rejects.toMatchObject({
      reason: 'address',
    });
    expect(server.connections).toBe(1);
  });

  it('A75: a name server that changes its mind, aliases, and mixed families lead nowhere', async () => {
    let asked = 0;
    const dns = await nameServer((name, type) => {
      if (name === 'alias.example.com')
        return [{ cname: 'inner.example.com' }, ...(type === 'A' ? ['10.0.0.7'] : [])];
      if (name === 'mixed.example.com') return type === 'A' ? ['93.184.215.14'] : ['fd00:0:0:0:0:0:0:1'];
      if (name === 'nothing.example.com') return [];
      return type === 'A' ? [asked++ === 0 ? '93.184.215.14' : '127.0.0.1'] : [];
    });
    cleanups.push(() => dns.close());
    const safe = safeFetcher({}, { resolve: dnsResolver({ servers: [dns.address] }) });
    await expect(safe.check('https://alias.example.com/')).rejects.toMatchObject({ reason: 'address' });
    await expect(safe.check('https://mixed.example.com/')).rejects.toMatchObject({ reason: 'address' });
    await expect(safe.check('https://nothing.example.com/')).rejects.toMatchObject({
      code: 'UPSTREAM_FAILED',
    });
    await expect(safe.check('https://rebinding.example.com/')).resolves.toBeUndefined();
    await expect(safe('https://rebinding.example.com/')).rejects.toMatchObject({ reason: 'address' });
  });

  it('does not ask the machine’s own files for names', async () => {
    const dns = await nameServer(() => []);
    cleanups.push(() => dns.close());
    await expect(dnsResolver({ servers: [dns.address] })('localhost')).rejects.toThrow();
  });

  it('refuses an address that is longer than any', async () => {
    await expect(safeFetcher()(`https://example.com/${'a'.repeat(9_000)}`)).rejects.toMatchObject({
      reason: 'url',
    });
  });

  it('sends what fetch would, but for headers of the connection', async () => {
    const server = await serve((socket) => socket.end(answerOf('{}', 'content-type: application/json\r\n')));
    const response = await local(server)(`http://a.example.com:${server.port}/`, {
      method: 'POST',
      headers: { authorization: 'Bearer x', host: 'evil', 'proxy-authorization': 'x', te: 'trailers' },
      body: new URLSearchParams({ a: 'b' }),
    });
    expect(await response.json()).toEqual({});
    const [sent = ''] = server.requests;
    expect(sent).toMatch(/content-type: application\/x-www-form-urlencoded/);
    expect(sent).toMatch(/authorization: Bearer x\r\n/);
    expect(sent).toMatch(/content-length: 3\r\n/);
    expect(sent).not.toMatch(/evil|proxy-auth|trailers/);
    expect(sent).toMatch(/\r\n\r\na=b$/);
  });

  it('does not wait for name servers either, and lets only so many calls wait', async () => {
    const clock = new ManualClock();
    const safe = safeFetcher(
      { maxConnections: 2 },
      { timers: clock, resolve: () => new Promise(() => undefined) },
    );
    const calls = [safe('https://a.example.com/'), safe('https://b.example.com/')];
    await expect(safe('https://c.example.com/')).rejects.toMatchObject({
      code: 'UPSTREAM_BUSY',
      status: 503,
    });
    clock.advance(15_000);
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    await expect(safe('https://127.0.0.1/')).rejects.toMatchObject({ code: 'SSRF_BLOCKED' });
  });

  it('ends when its caller wants it to, with the caller’s own reason', async () => {
    const abort = new AbortController();
    const server = await serve(() => abort.abort(new Error('enough')));
    const call = local(server)(`http://a.example.com:${server.port}/`, { signal: abort.signal });
    await expect(call).rejects.toThrow('enough');
    await vi.waitFor(() => expect(server.open).toBe(0), 15_000);
    await expect(local(server)('http://a.example.com/', { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  it('calls a name of one’s own network where its range was let through, and no other range', async () => {
    const server = await serve((socket) => socket.end(answerOf('ok')));
    const safe = local(server, { hosts: ['vault.internal'] });
    expect((await safe(`http://vault.internal:${server.port}/`)).status).toBe(200);
    const other = local(server, { hosts: ['vault.internal'] }, { resolve: async () => ['10.0.0.1'] });
    await expect(other(`http://vault.internal:${server.port}/`)).rejects.toMatchObject({ reason: 'address' });
  });

  it.each([
    [{ hosts: ['https://example.com'] }, 'safeFetch.hosts[0]'],
    [{ allowRanges: ['10.0.0'] }, 'safeFetch.allowRanges[0]'],
    [{ ports: [0] }, 'safeFetch.ports[0]'],
    [{ timeout: '1ms' }, 'safeFetch.timeout'],
    [{ maxBodyByte: 1 }, 'safeFetch.maxBodyByte'],
  ])('refuses the option %j', (options, path) => {
    expect(() => safeFetcher(options as SafeFetchOptions)).toThrow(path);
  });
});
