/** Items of a list that are looked at one by one, and what they and values without their first character must have. */
const MAX_ITEMS = 16;
const MIN_PIECE = 4;
const COMMENT = /--|\/\*/;
/** Operators, and single characters that are a token of their own. */
const SIGNS = /^[!#%&*+\-/<=>?@^`|~]{2,}$/;
const LONE = /^[!#$%&()*+,\-./:;<=>?@[\\\]^`{|}~]$/;
const BEYOND_ASCII = /[\u0080-\uffff]/;

/** A value as an application may write it: as it is, trimmed, with its quotes doubled or escaped, blanks made one, cut. None is longer than
 * the statement. */
export function formsOf(value: string, longest: number): ReadonlySet<string> {
  const forms = new Set<string>();
  const add = (form: string): void => {
    if (form.length <= longest && (form.length >= 2 || LONE.test(form)) && !isQuotesOnly(form))
      forms.add(form);
  };
  const trimmed = value.trim();
  add(value);
  add(trimmed);
  if (trimmed.length <= longest) escapedForms(trimmed, add);
  if (/\s\s|[^\S ]/.test(trimmed)) add(trimmed.replaceAll(/\s+/g, ' '));
  if (SIGNS.test(trimmed) && !COMMENT.test(trimmed)) add(trimmed.slice(1));
  // A sign before a name, and the items of a list, are often taken apart.
  if (trimmed.length >= MIN_PIECE && trimmed[1] !== ',' && trimmed[1] !== '.') add(trimmed.slice(1));
  if (trimmed.includes(',')) {
    for (const item of trimmed.split(',', MAX_ITEMS)) if (item.length >= MIN_PIECE) add(item.trim());
  }
  return forms;
}

/** Forms that are longer than the value. */
function escapedForms(trimmed: string, add: (form: string) => void): void {
  if (trimmed.includes('\\')) add(trimmed.replaceAll('\\', '\\\\'));
  if (trimmed.includes("'")) {
    add(trimmed.replaceAll("'", "''"));
    add(trimmed.replaceAll("'", "\\'"));
    add(trimmed.replaceAll('\\', '\\\\').replaceAll("'", "\\'"));
    add(trimmed.replaceAll('\\', '\\\\').replaceAll("'", "''"));
  }
  if (trimmed.includes('"')) {
    add(trimmed.replaceAll('"', '""'));
    add(trimmed.replaceAll('"', '\\"'));
  }
}

/** Quotes alone open or close a literal and bring nothing to stand behind it. */
function isQuotesOnly(form: string): boolean {
  for (let i = 0; i < form.length; i++) {
    const code = form.charCodeAt(i);
    if (code !== 39 && code !== 34 && code !== 32) return false;
  }
  return true;
}

/** ASCII only, so that places stay where they are. */
export function lowered(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  return text.replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}
