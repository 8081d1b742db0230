/**
 * npm run docs: writes what other files already say: the table of docs/events.md from src/core/events.ts, the rules of
 * request inspection, the shipped detectors, variables
 * and modules of docs/configuration.md, and the `exports` of package.json from the folders. `--check` changes nothing and ends with 1 where something is out of date.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { exportsOf } from './lib/exports.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { inRecentNode, inRoot, ROOT } from './lib/project.mjs';

await ensureInstalled();
await inRecentNode();
const { parseSync } = await import('oxc-parser');
const { format, resolveConfig } = await import('prettier');
const { EVENTS } = await import('../src/core/events.ts');
const { EVENT_ALIASES } = await import('../src/core/event-aliases.ts');
const { RULES } = await import('../src/modules/shield/inspect/detect/rules.ts');
const { readDetectOptions, wordsOf } = await import('../src/modules/detect/index.ts');
const { ENVIRONMENT } = await import('../src/server/environment.ts');

/** Replaces what stands between `<!-- NAME:start -->` and `<!-- NAME:end -->`. */
function between(text, name, content) {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${start} or ${end} is missing`);
  return `${before}${start}\n\n${content}\n\n${end}${after}`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function withEvents(text) {
  const rows = Object.entries(EVENTS).map(([type, event]) => [
    `\`${type}\``,
    event.severity,
    event.class,
    event.about,
  ]);
  const names = Object.entries(EVENT_ALIASES).map(
    ([name, types]) => `- \`${name}\`: ${types.map((type) => `\`${type}\``).join(', ')}`,
  );
  const withNames = between(text, 'aliases', names.join('\n'));
  return between(withNames, 'events', table(['event', 'severity', 'class', 'when'], rows));
}

function withRules(text) {
  const rows = RULES.map(({ rule, weight, severity, about }) => [
    `\`${rule}\``,
    weight,
    severity,
    about.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*'),
  ]);
  return between(text, 'rules', table(['rule', 'weight', 'severity', 'what was seen'], rows));
}

function withDetectors(text) {
  const rows = readDetectOptions().rules.map((rule) => [
    `\`${rule.name}\``,
    rule.title,
    rule.on === '*' ? 'all' : rule.on.map((type) => `\`${type}\``).join(' '),
    wordsOf(rule),
    rule.severity,
    rule.options.coolDown ?? rule.options.window,
    `\`${rule.kind}\``,
    rule.recommended.join(', '),
    rule.references.join('; '),
  ]);
  const head = [
    'rule',
    'what was seen',
    'looks at',
    'from',
    'severity',
    'cool-down',
    'event',
    'recommended',
    'references',
  ];
  return between(text, 'detectors', table(head, rows));
}

/** The members of an exported interface with the words that stand above each of them. */
function optionTable(file, name) {
  if (!existsSync(inRoot(file))) return '';
  const text = readFileSync(inRoot(file), 'utf8');
  const { program, comments } = parseSync(file, text);
  const found = program.body
    .map((node) => node.declaration)
    .find((one) => one?.type === 'TSInterfaceDeclaration' && one.id.name === name);
  if (found === undefined) throw new Error(`${file} exports no interface ${name}`);
  const rows = found.body.body.map((member) => {
    const above = comments.find(
      (one) => one.end <= member.start && text.slice(one.end, member.start).trim() === '',
    );
    const words = (above?.value ?? '').replace(/^\*/, '').replaceAll(/\s*\n\s*\* ?/g, ' ');
    return [`\`${member.key.name}\``, words.trim().replaceAll('|', '\\|')];
  });
  return table(['option', 'what'], rows);
}

function withConfiguration(text) {
  const modules = readdirSync(inRoot('src', 'modules')).filter((name) =>
    existsSync(inRoot('src', 'modules', name, 'README.md')),
  );
  const links = modules.map((name) => `- [${name}](../src/modules/${name}/README.md)`).join('\n');
  const rows = Object.entries(ENVIRONMENT).map(([name, entry]) => [
    `\`${name}\``,
    entry.about,
    /^\S+$/.test(entry.default) ? `\`${entry.default}\`` : entry.default,
  ]);
  const variables = table(['variable', 'what', 'default'], rows);
  const parts = {
    config: optionTable('src/server/config.ts', 'RampartConfig'),
    routes: optionTable('src/server/config.ts', 'RouteOptions'),
    records: optionTable('src/server/record-options.ts', 'RecordOptions'),
    modules: links,
    environment: variables,
  };
  return Object.entries(parts).reduce((page, [name, part]) => between(page, name, part), text);
}

function withExports(text) {
  return JSON.stringify({ ...JSON.parse(text), exports: exportsOf(ROOT) }, null, 2);
}

const checking = process.argv.includes('--check');
let stale = 0;

async function refresh(file, change) {
  const path = inRoot(file);
  const before = readFileSync(path, 'utf8');
  const after = await format(change(before), { ...(await resolveConfig(path)), filepath: path });
  if (after === before) return;
  stale += 1;
  console.log(`${file}: ${checking ? 'out of date' : 'written'}`);
  if (!checking) writeFileSync(path, after);
}

await refresh('docs/events.md', withEvents);
await refresh('docs/shield-rules.md', withRules);
await refresh('docs/detectors.md', withDetectors);
await refresh('docs/configuration.md', withConfiguration);
await refresh('package.json', withExports);
if (stale === 0) console.log('everything is up to date');
process.exit(checking && stale > 0 ? 1 : 0);
