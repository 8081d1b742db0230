import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Place, Signal } from '../types.ts';
import { DETECTORS } from './index.ts';

/** What detectors make of one value: the sum of its rules, each once. */
function scoreOf(value: string, place: Place = 'form'): number {
  const rules = new Map<string, number>();
  const out = { add: ({ rule, weight }: Signal) => void rules.set(rule, weight) };
  for (const { detect } of DETECTORS) detect(value, { place, name: 'text' }, out);
  return [...rules.values()].reduce((sum, weight) => sum + weight, 0);
}

const HONEST = `O'Brien
Renée D'Ångström-O'Neil
Нгуен Ван Ань
محمد بن سلمان آل سعود
山田 太郎
Müller & Söhne GmbH
Conor O'Shea; Mary O'Shea
rock & roll
git rebase -i HEAD~3 && git push --force-with-lease
perf(base): avoid rest parameter in \`fetch\` (#5113)
[FlattenedJWS](../../types/interfaces/FlattenedJWS.md)
is it notnull
rock 'n' roll
C++ | Rust
a=1 or b=2?
salt & pepper set (2)
5" pipe, 3' long
12' x 10' rug
what is 2 > 1
1 < 2 and 3 > 2
I <3 you
price: $5 - $10
50% off! -- today only
union select committee
select a size from the list
drop shipping from china
insert coin to continue
delete my account
update my address; thanks
where is my order?
the table in the order is broken
cat food
dog | cat
time who
sleep (better) tonight
ls 300 lexus
id card holder
echo dot 5
kill bill
JavaScript: The Good Parts
data: see below
file: invoice.pdf
Re: Re: your mail
script for a movie
<3 <3 <3
a -> b -> c
:-) ;-) :(
Ms. "Kitty" O'Hara
He said: "it's fine" -- and left.
Don't; won't; can't
'tis the season
Python vs. Ruby
{{name}}
Dear {{ customer.name }},
\${price}
#hashtag and @mention
https://shop.example.com/a?b=1&c=2#d
https://auth.example.com/authorize?redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb%3Fnext%3D%2Fdash&state=x
/path/to/some/page
../ relative path explained
c:\\windows theme
Hello **World**, see [this](https://x.example/y) and \`code\`
# Title

- one
- two

| a | b |
| - | - |
| 1 | 2 |
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUA
eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U
query { me { id orders(first: 10) { edges { node { id } } } } }
{"a":1,"b":[true,null],"c":{"d":"x"}}
2024-10-05T10:00:00+02:00
+49 (0)30 123456-78
P.O. Box #12; Apt. 4
R&D; Q&A
AT&T
Tom & Jerry's
(555) 123-4567
order by 5 pm
group by the door
having a party
process the order; then ship
the constructor of the bridge
prototype of a car
I require (at least) two
function (noun)
1 and a half
true or false
2+2=4
x^2 + y^2 = z^2
f(x) = 2x
f(x)(y)
*)
50/50
and/or
n/a
:root
user@example.com
first.last+tag@sub.example.co.uk`.split('\n');

const TUTORIALS = [
  'To read all rows you write SELECT followed by a star, then FROM and the name of the table; a WHERE narrows it down.',
  'A join of two tables needs a condition, and without one you get every pair of rows, which is rarely what you want.',
  'The alert box of the browser is old fashioned, and nobody should use it to talk to people any more.',
  'If you delete from the middle of a list, everything behind it moves; insert into the end instead.',
  'Our shell script runs every night, writes its log to a file and sends a mail when something went wrong.',
];

describe('honest values', () => {
  it.each(HONEST.filter((line) => line !== ''))('%s', (value) => {
    expect(scoreOf(value)).toBeLessThan(5);
    expect(scoreOf(value, 'query')).toBeLessThan(5);
  });

  it.each(TUTORIALS)('prose about code: %s', (value) => {
    expect(scoreOf(value)).toBeLessThan(5);
  });

  it('of letters of any script, blanks, apostrophes and hyphens are never refused', () => {
    const letter = fc.constantFrom(
      ...'a b c X Y Z ä ö ü ß é ñ ç ø å Ł Ж я ё ا ب ت ע ב ר 漢 字 한 글 ไ ท ย'.split(' '),
      "'",
      '-',
      ' ',
      '.',
      ',',
    );
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 60 }), (letters) => scoreOf(letters.join('')) < 5),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it('of words put together at random are never refused', () => {
    const word = fc.constantFrom(
      ...`select from where order by the and or union table update delete drop a like not in is set cat id
      time who date more less sort find test script alert style form input image map object frame base link meta`.split(
        /\s+/,
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 9 }), (list) => scoreOf(list.join(' ')) < 5),
      { seed: 11, numRuns: 2_000 },
    );
  });
});

describe('time', () => {
  const pumps =
    `' " < <a <!-- \${ {{ ( ) (( ; | & \` $( .. ../ / \\ : a: http:// on onclick= or' 'or select( union char(1) concat( a 1
  % = -- /* */ /**/ # $ $ne: [ [] (![] @( { {a, } this. constructor. require( process. function( javascript: <? __proto__
  java. O: // :// . _ é 中 eval( alert( document. window[ </script> alert/* *)( ;cat |sh /etc/ /e??/ \${ifs || (select`.split(
      /\s+/,
    );

  function timeOf(value: string): number {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round++) {
      const start = process.cpuUsage();
      scoreOf(value);
      best = Math.min(best, process.cpuUsage(start).user);
    }
    return best;
  }

  it('grows with the length of the value, whatever it repeats', () => {
    const size = 6_000;
    const measure = (token: string) => {
      const text = token.repeat(Math.ceil((4 * size) / token.length));
      scoreOf(text.slice(0, 2_000));
      return { token, small: timeOf(text.slice(0, size)), large: timeOf(text.slice(0, 4 * size)) };
    };
    const rows = pumps.map(measure);
    const typical = rows.map(({ large }) => large).toSorted((a, b) => a - b)[rows.length >> 1] as number;
    // Four times as long: four times the time, sixteen where it grew with the square. Other work disturbs: asked three times.
    const isSlow = ({ small, large }: { small: number; large: number }): boolean =>
      large > 9 * small && large > 8 * typical;
    const slow = rows.filter((row) => [row, measure(row.token), measure(row.token)].every(isSlow));
    expect(slow).toEqual([]);
  });
});
