import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { event } from '../../../test/api/samples.ts';
import { EVENT_WORDS } from './event-tables.ts';
import { mayHold } from './event-word-test.ts';
import type { Stores } from './index.ts';
import { db } from './query.ts';

const T0 = 1_795_000_000_000;
/** What may stand in an event: letters that become others, escapes of JSON, markup, addresses, and what is parted oddly. */
const TEXTS = [
  'Plain Words AND some_more-of them',
  '\u212Aelvin tas\u212A brea\u212Aer kelvin',
  '\u0130stanbul \u0130\u0130 MI\u0130X istanbul ı I i',
  'Straße STRASSE ẞ ﬁnd ﬀ Å Ångström \u212B',
  'ΟΔΟΣ οδος Σ ς Привет МИР 你好 世界 日本語テキスト',
  'naïve café CAFÉ e\u0301clair Ünïcödé reason7é é7reason',
  'a"quoted"word back\\slash tab\tnew\nline nul\u0001one \\u0041bc \\n',
  '<a href="https://example.org/kiki?x=1&y=2">link</a> &amp; &lt;b&gt; <b>bold</b>',
  'https://Example.ORG:8080/Path/To-File_1.html?Query=Kilo#frag user.name+tag@mail.example.co.uk',
  '/usr/local/bin/Kill-9 C:\\Windows\\System32 ../../etc/passwd',
  '1.5e-10 -42 +7 3.14 0x1F v1.2.3-rc.4 10.0.0.1 2001:db8::1',
  "O'Neil it's 'single' % _ %_ %%kiki%% ki k i KI",
  '👩‍👩‍👧‍👦 emoji🎉word \u200bzero\u200dwidth \ufffd \u{10400}\u{10428}',
  'x'.repeat(500),
];

/** That what stands for the words of an event without parting it never says no where they are. */
export function eventWordSuite(stores: () => Stores): void {
  it('words are never missed by what is looked at first', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    const events = TEXTS.flatMap((text, i) => [
      event('REQUEST_REFUSED', T0 + i, { subject: text, details: { n: 1 } }),
      event('REQUEST_REFUSED', T0 + i, { details: { [text]: text, n: 1 } }),
      event('REQUEST_REFUSED', T0 + i, { about: `${text}.`, details: {} }),
    ]);
    expect((await stores().events.insertMany(events)).refused).toBe(0);
    const pieces = TEXTS.flatMap((text) => text.split(/[\s"'<>]+/));
    const words = [...new Set([...TEXTS, ...pieces, ...pieces.map((one) => one.slice(1, 9))])];
    const asked = [...new Set(words.flatMap((one) => [one, one.toLowerCase(), one.toUpperCase()]))];
    let hits = 0;
    for (const text of asked.filter((one) => one.isWellFormed())) {
      const real = sql`${sql.raw(EVENT_WORDS)} @@ plainto_tsquery('simple', ${text})`;
      const { sql: statement, parameters } = sql`
        select count(*)::int as hits, count(*) filter (where not ${mayHold(text)})::int as missed
        from rampart.events where ${real}`.compile(db);
      const { rows } = await stores().sql.query(statement, parameters as string[]);
      expect(rows[0], text).toMatchObject({ missed: 0 });
      hits += Number(rows[0]?.['hits']);
    }
    expect(hits).toBeGreaterThan(500);
  });

  it('words that stand nowhere are known as such without parting an event', async () => {
    const held = async (text: string): Promise<unknown> => {
      const { sql: statement, parameters } = sql`
        select count(*)::int as n from rampart.events where ${mayHold(text)}`.compile(db);
      return (await stores().sql.query(statement, parameters as string[])).rows[0]?.['n'];
    };
    expect(await held('absent')).toBe(0);
    expect(await held('refused absent')).toBe(0);
    expect(await held('müssen absent')).toBe(0);
    const ascii = TEXTS.filter((text) => !/[^\0-\x7f]/.test(text)).length;
    expect(await held('мир')).toBe((TEXTS.length - ascii) * 3);
  });
}
