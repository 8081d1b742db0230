import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CefEvent, cefLine } from './index.ts';

const EVENT: CefEvent = {
  id: 'evt_1',
  type: 'SIGN_IN_FAILED',
  severity: 'MEDIUM',
  class: 'signal',
  atMs: 1_795_000_123_456.7,
  node: 'node-1',
  about: 'A sign-in was refused.',
};

/** As a reader of the format takes a line apart. */
function read(line: string): { readonly header: readonly string[]; readonly values: Map<string, string> } {
  const parts = [...line.matchAll(/((?:[^\\|]|\\[\\|])*)\|/gy)];
  const header = parts.slice(0, 7).map(([, text = '']) => text.replace(/\\([\\|])/g, '$1'));
  const rest = line.slice(parts.slice(0, 7).reduce((sum, [whole]) => sum + whole.length, 0));
  const values = new Map<string, string>();
  // A field begins after a space with letters or digits and an equals sign that is not escaped.
  const starts = [...rest.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)];
  starts.forEach((start, i) => {
    const from = start.index + start[0].length;
    const value = rest.slice(from, starts[i + 1]?.index);
    values.set(
      start[1] as string,
      value.replace(/\\([\\=nr])/g, (_all, one: string) => (one === 'n' || one === 'r' ? '\n' : one)),
    );
  });
  return { header, values };
}

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '|',
        '\\',
        '=',
        '\n',
        '\r',
        '\0',
        ' suser=',
        '"',
        ']',
        'CEF:0|',
        '\u2028',
        '\u202E',
        '\\n',
        '\x85',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** What a reader may find of a text: controls and ends are gone, the rest stands. */
const plain = (text: string): string => text.toWellFormed().replace(/[\s\p{C}\p{Z}]+/gu, '');

describe('cefLine', () => {
  it('writes an event with the names of the dictionary', () => {
    const line = cefLine(
      { ...EVENT, actor: 'ada', address: '203.0.113.7', route: 'POST /login', details: { tries: 3 } },
      { version: '1.2.0' },
    );
    expect(line).toBe(
      'CEF:0|Rampart|rampart|1.2.0|SIGN_IN_FAILED|A sign-in was refused.|6|' +
        'rt=1795000123456 externalId=evt_1 cat=signal dvchost=node-1 suser=ada src=203.0.113.7 ' +
        'cs1Label=route cs1=POST /login cs6Label=details cs6={"tries":3}',
    );
  });

  it('gives an IPv6 address its own field, for which src has no room', () => {
    const { values } = read(cefLine({ ...EVENT, address: '2001:db8::1' }));
    expect([values.get('src'), values.get('c6a2'), values.get('c6a2Label')]).toEqual([
      undefined,
      '2001:db8::1',
      'Source IPv6 Address',
    ]);
  });

  it('lets no text begin a header, a field or a line', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (about, actor, subject) => {
        const line = cefLine({ ...EVENT, about, actor, subject, details: { said: actor } });
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(line.isWellFormed()).toBe(true);
        const { header, values } = read(line);
        expect(header).toHaveLength(7);
        expect(plain(header[5] as string)).toBe(plain(about));
        expect(header[6]).toBe('6');
        expect(plain(values.get('suser') ?? '')).toBe(plain(actor));
        expect(plain(values.get('duser') ?? '')).toBe(plain(subject));
        const known = /^(?:rt|externalId|cat|dvchost|suser|duser|cs6Label|cs6)$/;
        expect([...values.keys()].filter((name) => !known.test(name))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('cuts what is too long, and never through a character', () => {
    const line = cefLine({ ...EVENT, actor: '💥'.repeat(100_000), details: { text: 'x'.repeat(1_000_000) } });
    expect(line.length).toBeLessThan(6_000);
    expect(line.isWellFormed()).toBe(true);
    expect(cefLine({ ...EVENT, details: { text: 'x' } }, { maxDetails: 0 })).not.toContain('cs6');
  });
});
