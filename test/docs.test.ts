import { describe, expect, it } from 'vitest';
import { EVENTS } from '../src/core/events.ts';
import { ENVIRONMENT } from '../src/server/environment.ts';
import { codesOf } from './house/codes.ts';
import { publicOptions } from './house/habits.ts';
import { brokenLinks, codeBlocks, sections, tableRows } from './house/pages.ts';
import { parse } from './house/parse.ts';
import { foldersWithDoor, isTest, readSources, type Source } from './house/sources.ts';

const shipped = readSources('src', /\.tsx?$/).filter(
  (source) => !isTest(source.path) && !source.path.startsWith('src/testing/'),
);
const pages = [
  ...readSources('.', /\.md$/).filter((page) => !page.path.includes('/')),
  ...['docs', 'src', 'bench', 'console', 'test', 'examples'].flatMap((folder) =>
    readSources(folder, /\.md$/),
  ),
];
const page = (path: string): Source => {
  const found = pages.find((one) => one.path === path);
  if (!found) throw new Error(`${path} is not there`);
  return found;
};
const without = (all: ReadonlySet<string>, known: ReadonlySet<string>): readonly string[] =>
  [...all].filter((one) => !known.has(one)).toSorted();

describe('docs/errors.md', () => {
  const codes = new Set(shipped.flatMap((source) => [...codesOf(parse(source))]));
  const listed = sections(page('docs/errors.md')).filter((section) => /^`[A-Z0-9_]+`$/.test(section.title));
  const listedCodes = new Set(listed.map((section) => section.title.slice(1, -1)));

  it('is held against many codes', () => {
    expect(codes.size).toBeGreaterThan(15);
    for (const code of ['RATE_LIMIT_EXCEEDED', 'GUARD_UNAVAILABLE', 'RAMPART_OPTIONS', 'PAYLOAD_TOO_LARGE'])
      expect(codes).toContain(code);
  });

  it('lists every code that the sources give', () => {
    expect(without(codes, listedCodes)).toEqual([]);
  });

  it('lists no code that nothing gives', () => {
    expect(without(listedCodes, codes)).toEqual([]);
  });

  it('lists the codes of fields too', () => {
    const fields = new Set(shipped.flatMap((source) => [...codesOf(parse(source), 'field')]));
    const named = new Set(
      [...page('docs/errors.md').text.matchAll(/^\| `([A-Z_]+)`/gm)].map((row) => row[1] ?? ''),
    );
    expect(without(fields, named)).toEqual([]);
    expect(fields.size).toBeGreaterThan(3);
  });

  it('says for each what to do about it', () => {
    const silent = listed.filter((section) => !/\*\*Remedy:\*\* \S/.test(section.body));
    expect(silent.map((section) => section.title)).toEqual([]);
    expect(listed).toHaveLength(listedCodes.size);
  });

  it.each([
    [`throw new RampartError('A_B', 'x');`, 'A_B'],
    [`throw new AppError('x', 409, 'A_B');`, 'A_B'],
    [`class E extends AppError { constructor() { super('x', 400, 'A_B'); } }`, 'A_B'],
    [`class E extends Error { readonly code = 'A_B'; }`, 'A_B'],
    [`const refusal = { status: 429, code: 'A_B', message: 'x' };`, 'A_B'],
    [`const refusal = { code: given ?? 'A_B' };`, 'A_B'],
    [`const words = { 404: ['A_B', 'There is nothing here.'] };`, 'A_B'],
    [`const DEFAULT_CODE = 'A_B';`, 'A_B'],
    [`const gone = { code: busy ? 'A_B' : 'A_B' } as const;`, 'A_B'],
  ])('would miss no code in %s', (text, code) => {
    expect([...codesOf(parse({ path: 'x.ts', text }))]).toEqual([code]);
  });

  it('tells codes of fields from codes of errors', () => {
    const text = `throw new ValidationError('x', { details: [{ field: 'a', code: 'A_B', message: 'y' }] });`;
    expect([...codesOf(parse({ path: 'x.ts', text }))]).toEqual([]);
    expect([...codesOf(parse({ path: 'x.ts', text }), 'field')]).toEqual(['A_B']);
  });

  it('takes nothing else for a code', () => {
    const text = `if (error.code === 'ENOENT') emit('GUARD_FAILED', { code: 'limit.exceeded', outcome: 'A_B' }); const a = ['RAMPART_PORT', 'the port to listen on'];`;
    expect([...codesOf(parse({ path: 'x.ts', text }))]).toEqual([]);
  });
});

describe('docs/events.md', () => {
  it('is the catalogue, row by row (npm run docs writes it)', () => {
    const rows = tableRows(page('docs/events.md').text).slice(1);
    const catalogue = Object.entries(EVENTS).map(([type, event]) => [
      `\`${type}\``,
      event.severity,
      event.class,
      event.about,
    ]);
    expect(catalogue.length).toBeGreaterThan(15);
    expect(rows).toEqual(catalogue);
  });

  it('is read as a table', () => {
    expect(tableRows('| a | b |\n| --- | :-: |\n| `c` | d \\| e |\nno row')).toEqual([
      ['a', 'b'],
      ['`c`', 'd \\| e'],
    ]);
  });
});

describe('docs/configuration.md', () => {
  it('lists every variable of the environment and no other (npm run docs writes it)', () => {
    const part = page('docs/configuration.md').text.split('<!-- environment:start -->')[1] ?? '';
    const variables = tableRows(part)
      .slice(1)
      .map((row) => row[0]);
    expect(variables.length).toBeGreaterThan(5);
    expect(variables).toEqual(Object.keys(ENVIRONMENT).map((name) => `\`${name}\``));
  });

  it('names every option of the one file', () => {
    const config = shipped.find((source) => source.path === 'src/server/config.ts');
    const options = config === undefined ? [] : publicOptions(parse(config));
    const { text } = page('docs/configuration.md');
    expect(options.filter((option) => !mentions(text, option))).toEqual([]);
  });

  it('leads to the page of every module', () => {
    const { text } = page('docs/configuration.md');
    const links = foldersWithDoor('src/modules').map((name) => `(../src/modules/${name}/README.md)`);
    expect(links.filter((link) => !text.includes(link))).toEqual([]);
  });
});

describe("every module's README", () => {
  const modules = foldersWithDoor('src/modules');

  it.each(modules)('stands, is short, and names every option: %s', (name) => {
    const readme = page(`src/modules/${name}/README.md`);
    expect(readme.text.split('\n').length).toBeLessThanOrEqual(81);
    const options = shipped.find((source) => source.path === `src/modules/${name}/options.ts`);
    const members = options === undefined ? [] : publicOptions(parse(options));
    expect(members.filter((member) => !mentions(readme.text, member))).toEqual([]);
  });

  it('is held against options that exist', () => {
    const members = shipped
      .filter((source) => /^src\/modules\/[^/]+\/options\.ts$/.test(source.path))
      .flatMap((source) => publicOptions(parse(source)));
    expect(members.length).toBeGreaterThan(5);
    expect(modules.length).toBeGreaterThan(0);
  });

  it('would be caught leaving one out', () => {
    const text = `/** A. */\nexport interface A {\n  readonly maxKeys?: number;\n  check?(x: string): void;\n}`;
    expect(publicOptions(parse({ path: 'x.ts', text }))).toEqual(['maxKeys', 'check']);
    expect(mentions('the option `maxKeys` (number)', 'maxKeys')).toBe(true);
    expect(mentions('`limits.api.maxKeys`', 'maxKeys')).toBe(true);
    expect(mentions('`maxKeysPerNode` and maxKeys', 'maxKeys')).toBe(false);
  });
});

/** Whether a name stands in code style somewhere, alone or in a path or call. */
function mentions(text: string, name: string): boolean {
  return [...text.matchAll(/`([^`\n]+)`/g)].some((match) =>
    (match[1] as string).split(/[^\w$]+/).includes(name),
  );
}

describe('code in the pages', () => {
  it('is TypeScript', () => {
    const blocks = pages.flatMap(codeBlocks);
    expect(blocks.length).toBeGreaterThan(4);
    for (const block of blocks) expect(() => parse(block), block.path).not.toThrow();
  });

  it('would be caught broken', () => {
    const [block] = codeBlocks({ path: 'a.md', text: 'x\n```ts\nconst a = ;\n```\n' });
    expect(() => parse(block as Source)).toThrow(/a\.md/);
  });
});

describe('links', () => {
  it('lead somewhere', () => {
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.flatMap((one) => brokenLinks(one, pages))).toEqual([]);
  });

  it('would be caught leading nowhere', () => {
    const other = { path: 'docs/b.md', text: '# The `one` thing\n```\n# not this\n```' };
    const broken = (text: string): readonly string[] => brokenLinks({ path: 'docs/a.md', text }, [other]);
    expect(broken('[x](no-such.md)')).toHaveLength(1);
    expect(broken('[x](b.md#other)')).toHaveLength(1);
    expect(broken('[x](b.md#not-this)')).toHaveLength(1);
    expect(broken('[x](#here)')).toHaveLength(1);
    expect(
      broken('# Here\n[x](#here) [y](b.md#the-one-thing) [z](https://example.com) [w](../package.json)'),
    ).toEqual([]);
  });
});
