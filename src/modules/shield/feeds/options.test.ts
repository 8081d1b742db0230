import { describe, expect, it } from 'vitest';
import { readFeedsOptions } from './options.ts';
import { FEED_PRESETS } from './presets.ts';
import { oneFeed } from './test-source.ts';

describe('options of feeds', () => {
  it('fill in a preset, and let its members be said otherwise', () => {
    expect(oneFeed('tor', true)).toMatchObject({
      kind: 'list',
      rule: { do: 'note' },
      remote: true,
      everyMs: 21_600_000,
    });
    expect(oneFeed('tor', { do: 'deny', every: '1d' })).toMatchObject({
      rule: { do: 'deny', score: 0, hides: true },
      everyMs: 86_400_000,
    });
    expect(oneFeed('tor', { every: false }).everyMs).toBeUndefined();
  });

  it('take every preset as it is', () => {
    for (const name of Object.keys(FEED_PRESETS)) {
      const feed = oneFeed(name, true);
      expect(feed.from).toMatch(/^https:\/\//);
      expect(feed.terms).toBeTruthy();
    }
  });

  it('show the key of a preset to its own source alone', () => {
    expect(oneFeed('geolite2-city', true).key).toBe('GEOLITE2_KEY');
    expect(oneFeed('geolite2-city', { from: 'https://mirror.example/city.tar.gz' }).key).toBeUndefined();
    expect(oneFeed('geolite2-city', { from: '/srv/city.mmdb' })).toMatchObject({ remote: false });
  });

  it('of one that is no preset have defaults by kind', () => {
    const from = 'https://lists.example/x';
    expect(oneFeed('own', { kind: 'list', from })).toMatchObject({
      everyMs: 86_400_000,
      staleAfterMs: 7 * 86_400_000,
    });
    expect(oneFeed('own', { kind: 'mmdb', from }).staleAfterMs).toBe(45 * 86_400_000);
  });

  it.each([
    [{ own: true }, /own: is no preset.*tor/],
    [{ own: { from: 'https://a.example' } }, /own\.kind: expected one of list/],
    [{ 'No Name': { kind: 'list' } }, /small letters/],
    [{ '../x': { kind: 'list' } }, /small letters/],
    [{ own: { kind: 'bots', from: 'https://a.example' } }, /name of its bot: googlebot/],
    [{ own: { kind: 'mmdb', do: 'deny' } }, /own\.do: is for feeds of kind list/],
    [{ own: { kind: 'list', from: 'http://a.example/x' } }, /must begin with https/],
    [{ own: { kind: 'list', from: 'ftp://a.example/x' } }, /must begin with https/],
    [{ own: { kind: 'list', from: 'https://me:pw@a.example/x' } }, /no password/],
    [{ own: { kind: 'list', from: 'https://a.example/{key}' } }, /own\.key: from asks for a key/],
    [{ own: { kind: 'list', from: '/srv/list', key: 'KEY' } }, /needs an address/],
    [{ own: { kind: 'list', key: 'not a name' } }, /own\.key/],
    [{ tor: false }, /expected an object, or true/],
    [{ own: { kind: 'list', every: '1s' } }, /own\.every: 1s is shorter/],
    [{ own: { kind: 'list', sha256: 'abc' } }, /own\.sha256/],
    [{ own: { kind: 'list', fetch: { timeout: '1ms' } } }, /own\.fetch\.timeout/],
    [{ own: { kind: 'list', fetch: { maxBodyBytes: 1 } } }, /own\.fetch\.maxBodyBytes: unknown/],
    [{ own: { kind: 'list', form: 'x' } }, /own\.form: unknown option; did you mean 'from'/],
  ])('refuse %j', (given, words) => {
    expect(() => readFeedsOptions('feeds', given)).toThrow(words);
  });
});
