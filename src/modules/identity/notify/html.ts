import { fill, type Letter } from './letter.ts';

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif";
const BUTTON =
  'display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600';
const CODE =
  'font-size:28px;font-weight:700;letter-spacing:4px;font-family:ui-monospace,Menlo,Consolas,monospace';

/** Text for HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/**
 * A letter as HTML: nothing remote, no script, no colours of the page but those that the reader's programme chooses for
 * light and dark.
 */
export function htmlOf(letter: Letter): string {
  const { language } = letter;
  const show = (value: string): string => `<bdi>${value}</bdi>`;
  const escaped = Object.fromEntries(
    Object.entries(letter.values).map(([name, value]) => [name, escapeHtml(value)]),
  );
  const write = (sentence: string): string => fill(escapeHtml(sentence), escaped, show);
  const paragraph = (sentence: string): string => `<p style="margin:0 0 16px">${write(sentence)}</p>`;
  const end = language.dir === 'rtl' ? 'right' : 'left';
  return [
    `<!doctype html><html lang="${language.lang}" dir="${language.dir}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${fill(escapeHtml(letter.subject), escaped, (value) => value)}</title><style>:root{color-scheme:light dark}</style></head>`,
    `<body dir="${language.dir}" style="margin:0;padding:24px;${FONT};font-size:16px;line-height:1.5">`,
    `<div style="max-width:560px;margin:0 auto;text-align:${end}">`,
    paragraph(letter.hello),
    ...letter.before.map(paragraph),
    codeOf(letter),
    linkOf(letter),
    factsOf(letter),
    ...letter.after.map(paragraph),
    `<p style="margin:24px 0 0;font-size:13px;opacity:0.7">${write(letter.footer)}</p>`,
    '</div></body></html>\n',
  ].join('\n');
}

function codeOf({ code }: Letter): string {
  return code === undefined ? '' : `<p dir="ltr" style="margin:0 0 16px;${CODE}">${escapeHtml(code)}</p>`;
}

function linkOf({ link, language }: Letter): string {
  if (link === undefined) return '';
  const url = escapeHtml(link.url);
  return [
    `<p style="margin:0 0 16px"><a href="${url}" style="${BUTTON}">${escapeHtml(link.label)}</a></p>`,
    `<p style="margin:0 0 16px;font-size:13px">${escapeHtml(language.plainLink)}<br>`,
    `<span dir="ltr" style="word-break:break-all">${url}</span></p>`,
  ].join('\n');
}

function factsOf({ facts }: Letter): string {
  if (facts.length === 0) return '';
  const lines = facts.map(
    ({ label, value }) => `${escapeHtml(label)}: <bdi><strong>${escapeHtml(value)}</strong></bdi>`,
  );
  return `<p style="margin:0 0 16px">${lines.join('<br>')}</p>`;
}
