import { randomBytes } from 'node:crypto';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readKeyText, ringFromEnvironment } from './source.ts';
import { localWrapper } from './wrap.ts';

const context = { purpose: 'fields', id: 'k1' };

describe('a wrapped key', () => {
  it('is unwrapped under its own name alone, by its own wrapping key', async () => {
    const wrapping = randomBytes(32);
    const wrapper = localWrapper(wrapping, 'secret');
    const { key, wrapped } = await wrapper.generate(context);
    expect(wrapped).toMatch(/^rw1\.[A-Za-z0-9_-]{54}$/);
    expect(await localWrapper(wrapping, 'secret').unwrap(wrapped, context)).toEqual(key);
    for (const fail of [
      wrapper.unwrap(wrapped, { purpose: 'fields', id: 'k2' }),
      wrapper.unwrap(wrapped, { purpose: 'payment', id: 'k1' }),
      localWrapper(randomBytes(32), 'secret').unwrap(wrapped, context),
      wrapper.unwrap(wrapped.slice(0, -2), context),
      wrapper.unwrap(wrapped.replace('rw1', 'rw2'), context),
      wrapper.unwrap('', context),
    ])
      await expect(fail).rejects.toMatchObject({ code: 'KEY_UNWRAP_FAILED' });
  });

  it('needs a wrapping key of 32 bytes', () => {
    expect(() => localWrapper(randomBytes(16), 'secret')).toThrow('at least 32 bytes');
  });
});

describe('keys of the environment', () => {
  const one = randomBytes(32);
  const two = randomBytes(32);

  it('are read in their order, from the variable or its file', () => {
    const text = `k2:${two.toString('base64')},k1:${one.toString('hex')}`;
    const ring = ringFromEnvironment('fields', 'FIELD_KEYS', { FIELD_KEYS: text });
    expect(ring.sealing().id).toBe('k2');
    expect(ring.find('k1')?.key.export()).toEqual(one);
    const dir = mkdtempSync(join(tmpdir(), 'rampart-keys-'));
    writeFileSync(join(dir, 'keys'), `${text}\n`);
    expect(
      ringFromEnvironment('fields', 'FIELD_KEYS', { FIELD_KEYS_FILE: join(dir, 'keys') }).keys(),
    ).toHaveLength(2);
    rmSync(dir, { recursive: true });
  });

  it.each([
    [undefined, 'expected keys such as'],
    ['k1', 'expected keys such as'],
    [`k1:${randomBytes(16).toString('base64')}`, 'expected 32 bytes'],
    [`k1:${Buffer.alloc(32, 'a').toString('base64')}`, 'not random'],
    [`k1:${one.toString('base64')},k1:${two.toString('base64')}`, 'given twice'],
  ])('are refused, and not repeated: %#', (text, words) => {
    const read = (): unknown => ringFromEnvironment('fields', 'FIELD_KEYS', { FIELD_KEYS: text });
    expect(read).toThrow(words);
    if (text !== undefined && text.length > 4) expect(read).not.toThrow(text.slice(3));
  });

  it('name the file that cannot be read', () => {
    expect(() => ringFromEnvironment('fields', 'A', { A_FILE: '/nowhere/at/all' })).toThrow('A_FILE');
  });

  it('may be written in three ways', () => {
    for (const encoding of ['base64', 'base64url', 'hex'] as const)
      expect(readKeyText('KEY', one.toString(encoding))).toEqual(new Uint8Array(one));
  });
});
