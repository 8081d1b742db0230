/** What is read of the store's answers: elements without attributes, of which no name stands in its own content. */
export function tagOf(xml: string, name: string): string | undefined {
  const from = xml.indexOf(`<${name}>`);
  const to = xml.indexOf(`</${name}>`, from);
  return from < 0 || to < 0 ? undefined : unescaped(xml.slice(from + name.length + 2, to));
}

/** The contents of every such element, in their order. */
export function elementsOf(xml: string, name: string): readonly string[] {
  return xml
    .split(`<${name}>`)
    .slice(1)
    .map((rest) => rest.slice(0, Math.max(0, rest.indexOf(`</${name}>`))));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(
    /&(?:(amp|lt|gt|quot|apos)|#(\d{1,6})|#x([\da-f]{1,6}));/gi,
    (_, name, decimal, hex) =>
      name === undefined
        ? String.fromCodePoint(
            Math.min(0x10_ff_ff, decimal === undefined ? parseInt(hex as string, 16) : Number(decimal)),
          )
        : (ENTITIES[(name as string).toLowerCase()] as string),
  );
}

/** A text as the content of an element. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
