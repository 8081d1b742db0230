const MAX_ASSETS = 12;

/** Files of the same server that a page names. */
export function filesOf(html: string): readonly string[] {
  const found = new Set<string>();
  for (const match of html
    .slice(0, 200_000)
    .matchAll(/<(?:script|link|img)\b[^>]{0,500}?\s(?:src|href)="(\/[^/"][^"]{0,300})"/g)) {
    if (found.size < MAX_ASSETS) found.add((match[1] as string).replaceAll('&amp;', '&'));
  }
  return [...found];
}
