import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';

const OURS = import.meta.url;
/** Sources while developing, JavaScript where the library was built. */
const isSource = OURS.endsWith('.ts');

/** Name under which the page is kept. */
export const VERIFIER_FILE = 'rampart-audit-verifier.html';

let made: Promise<string> | undefined;

/**
 * The verifier as one HTML file that needs nothing else: no network, no server. Its policy names its script and its style
 * by their hashes and forbids all else.
 */
export function verifierPage(): Promise<string> {
  made ??= make();
  return made;
}

async function make(): Promise<string> {
  const [tree, verifier, script, style, body] = await Promise.all([
    source('verifier-tree'),
    source('verifier'),
    asset('page.js'),
    asset('page.css'),
    asset('page.html'),
  ]);
  const code = `\n${tree}\n\n${verifier}\n\n${script.trim()}\n`;
  // A closing tag in a text would end the script where it stands.
  if (/<\/script|^(import|export)\b/im.test(code)) throw new Error('the verifier cannot stand in a page');
  return page(code, `\n${style.trim()}\n`, body.trim());
}

function page(code: string, style: string, body: string): string {
  const policy = [
    `default-src 'none'`,
    `script-src '${hashOf(code)}'`,
    `style-src '${hashOf(style)}'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Audit log verifier · Rampart</title>
<style>${style}</style>
</head>
<body>
${body}
<script type="module">${code}</script>
</body>
</html>
`;
}

/** One of the two files of the verifier as a script of its own: what one imports of the other stands above it. */
async function source(name: string): Promise<string> {
  const text = await readFile(new URL(`../../modules/audit/${name}.${isSource ? 'ts' : 'js'}`, OURS), 'utf8');
  return withoutTreeImport(isSource ? quietly(() => stripTypeScriptTypes(text)) : text)
    .replaceAll(/^export (?=class|function|async|const)/gm, '')
    .replace(/^\/\/# sourceMappingURL=.*$/m, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

function withoutTreeImport(code: string): string {
  const end = code.search(/\} from '\.\/verifier-tree\.[jt]s';$/m);
  if (end < 0) return code;
  return code.slice(0, code.lastIndexOf('import {', end)) + code.slice(code.indexOf('\n', end));
}

function asset(name: string): Promise<string> {
  return readFile(new URL(`offline/${name}`, OURS), 'utf8');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** Node.js warns once that the call may change; only whoever develops Rampart runs it. */
function quietly<T>(work: () => T): T {
  const own = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  process.emitWarning = () => undefined;
  try {
    return work();
  } finally {
    if (own === undefined) Reflect.deleteProperty(process, 'emitWarning');
    else Object.defineProperty(process, 'emitWarning', own);
  }
}
