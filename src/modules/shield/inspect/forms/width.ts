/** Look-alikes outside the full-width block, and what they stand for. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '﹤': '<',
  '﹥': '>',
  '﹦': '=',
  '﹩': '$',
  '﹣': '-',
  '﹡': '*',
  '﹢': '+',
  '﹠': '&',
  '\u2028': '\n',
  '\u2029': '\n',
};
const WIDE = /[\uff01-\uff5e\ufe60-\ufe6b\u2028\u2029]/;
const ALL_WIDE = /[\uff01-\uff5e\ufe60-\ufe6b\u2028\u2029]/g;

/** Whether there are full-width forms. */
export function hasWide(text: string): boolean {
  return WIDE.test(text);
}

/** Replaces full-width forms by the characters of ASCII that a database or a template may fold them to. */
export function foldWide(text: string): string {
  return text.replace(ALL_WIDE, (char) => {
    const code = char.charCodeAt(0);
    return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : (LOOKALIKES[char] ?? char);
  });
}
