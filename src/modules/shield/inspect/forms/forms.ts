import { decodeBase64 } from './base64.ts';
import { decodeEntities, hasEntity } from './entities.ts';
import { decodeEscapes, hasEscape } from './escapes.ts';
import { decodePercent, hasPercent } from './percent.ts';
import { isShellQuoted, unquoteShell } from './shell.ts';
import { hasTagWithinWord, withoutTags } from './tags.ts';
import { foldWide, hasWide } from './width.ts';

/** Layers that are taken away beside the one that the application itself takes away. */
export const MAX_LAYERS = 3;
/** Forms of one value that are looked at, the value itself among them. */
export const MAX_FORMS = 8;

interface Layer {
  readonly found: (text: string) => boolean;
  readonly decode: (text: string) => string;
  /** A last reading of a value: nothing is decoded from it again. */
  readonly last?: true;
}

const LAYERS: readonly Layer[] = [
  { found: hasPercent, decode: (text) => decodePercent(text, false) },
  { found: hasEntity, decode: decodeEntities },
  { found: hasEscape, decode: decodeEscapes },
  { found: hasWide, decode: foldWide },
  { found: hasTagWithinWord, decode: withoutTags, last: true },
  { found: isShellQuoted, decode: unquoteShell, last: true },
];

/**
 * Hands out the readings of a value: itself, then what is left when layers of encoding are taken away, each once. At most
 * `MAX_FORMS` of them, none longer than the value.
 * @param see is given a form; says whether it wants more
 */
export function eachForm(value: string, see: (form: string) => boolean): void {
  if (!see(value)) return;
  const first = firstLayer(value);
  const base64 = decodeBase64(value);
  if (first < 0 && base64 === undefined) return;
  const forms = [value];
  if (base64 !== undefined) {
    forms.push(base64);
    if (!see(base64)) return;
  }
  walk(forms, see);
}

function firstLayer(text: string): number {
  for (let i = 0; i < LAYERS.length; i++) if ((LAYERS[i] as Layer).found(text)) return i;
  return -1;
}

/** Level by level, so that few layers come before many. */
function walk(forms: string[], see: (form: string) => boolean): void {
  const last = new Set<string>();
  let from = 0;
  for (let depth = 0; depth < MAX_LAYERS; depth++) {
    const to = forms.length;
    for (let i = from; i < to; i++) {
      const text = forms[i] as string;
      if (last.has(text)) continue;
      for (const layer of LAYERS) {
        if (!layer.found(text)) continue;
        const form = layer.decode(text);
        if (forms.includes(form)) continue;
        if (layer.last === true) last.add(form);
        forms.push(form);
        if (!see(form) || forms.length >= MAX_FORMS) return;
      }
    }
    from = to;
  }
}
