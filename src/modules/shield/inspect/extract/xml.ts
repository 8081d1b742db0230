import { decodeEntities, hasEntity } from '../forms/entities.ts';
import { gateValue } from '../gate/gate.ts';
import type { ValueSink } from './sink.ts';

/** Characters of a declaration that are looked at. */
const MOST_OF_DECLARATION = 4_096;
const MAX_NAME = 64;

/**
 * Looks at texts and attributes of an XML document in one pass. Declarations (DOCTYPE, ENTITY) and processing instructions
 * are handed on as they stand, under no name.
 */
export function scanXml(text: string, sink: ValueSink): void {
  const run = new TextRun(sink);
  let element = '';
  for (let i = 0; i < text.length;) {
    const open = text.indexOf('<', i);
    run.add(decoded(text.slice(i, open < 0 ? text.length : open)), element);
    if (open < 0) break;
    if (text.startsWith('<!', open) || text.startsWith('<?', open))
      i = scanSpecial(text, open, element, run, sink);
    else {
      run.end(element);
      const name = nameAt(text, open + 1);
      if (name !== '') element = name;
      i = scanTag(text, open + 1, element, sink);
    }
  }
  run.end(element);
}

/**
 * The text between two tags. Parsers join what CDATA sections, comments and instructions cut in pieces; some applications
 * read the first piece alone: both are looked at.
 */
class TextRun {
  readonly #sink: ValueSink;
  #joined = '';
  #pieces = 0;

  constructor(sink: ValueSink) {
    this.#sink = sink;
  }

  add(piece: string, element: string): void {
    if (piece === '') return;
    this.#joined += piece;
    this.#pieces++;
    suspect(piece, element, this.#sink);
  }

  end(element: string): void {
    if (this.#pieces > 1) suspect(this.#joined, element, this.#sink);
    this.#joined = '';
    this.#pieces = 0;
  }
}

function decoded(raw: string): string {
  return hasEntity(raw) ? decodeEntities(raw) : raw;
}

function suspect(value: string, name: string, sink: ValueSink): void {
  if (value.length > 1 && gateValue(value)) sink.suspect(value, 'xml', name);
}

/** CDATA, comments, declarations, instructions. @returns where it ends */
function scanSpecial(text: string, at: number, element: string, run: TextRun, sink: ValueSink): number {
  if (text.startsWith('<![CDATA[', at)) {
    const end = endOf(text, ']]>', at + 9);
    run.add(text.slice(at + 9, end), element);
    return end + 3;
  }
  if (text.startsWith('<!--', at)) {
    const end = endOf(text, '-->', at + 2);
    suspect(decoded(text.slice(at + 4, end)), element, sink);
    return end + 3;
  }
  const end = text.startsWith('<?', at) ? endOf(text, '?>', at) + 2 : endOf(text, '>', at) + 1;
  // A declaration with a subset of its own goes on behind its first `>`; the rest is met as text.
  if (!/^<\?xml\s/.test(text.slice(at, at + 6))) {
    const subset = text.startsWith('<!', at) ? at + MOST_OF_DECLARATION : end;
    sink.suspect(text.slice(at, Math.min(subset, at + MOST_OF_DECLARATION)), 'xml', '');
  }
  return end;
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}

/** Attributes of a tag. @returns where the tag ends */
function scanTag(text: string, at: number, element: string, sink: ValueSink): number {
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 62) return i + 1;
    if (code !== 34 && code !== 39) continue;
    const end = endOf(text, code === 34 ? '"' : "'", i + 1);
    suspect(decoded(text.slice(i + 1, end)), element, sink);
    i = end;
  }
  return text.length;
}

function nameAt(text: string, at: number): string {
  let end = at;
  while (end < text.length && end - at < MAX_NAME && isNameCode(text.charCodeAt(end))) end++;
  return text.slice(at, end);
}

function isNameCode(code: number): boolean {
  const lower = code | 32;
  return (
    (lower >= 97 && lower <= 122) || (code >= 48 && code <= 58) || code === 45 || code === 46 || code === 95
  );
}
