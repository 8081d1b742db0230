import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT, type Source } from './sources.ts';

/** A part of a page under a heading of its own. */
export interface Section {
  readonly title: string;
  /** Text up to the next heading of any level. */
  readonly body: string;
}

/** Text without fenced code, in which links and headings mean nothing. */
function prose(text: string): string {
  return text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '');
}

/** The headings of a page with what stands below them. */
export function sections(page: Source): readonly Section[] {
  const parts = prose(page.text).split(/^#{1,6} +/m);
  return parts.slice(1).map((part) => {
    const end = part.indexOf('\n');
    return { title: part.slice(0, end < 0 ? undefined : end).trim(), body: end < 0 ? '' : part.slice(end) };
  });
}

/** The name by which a heading is linked: lower case, without marks, spaces as dashes. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

/** Links of a page that lead nowhere. Addresses of other sites are not asked. */
export function brokenLinks(page: Source, others: readonly Source[]): readonly string[] {
  const broken: string[] = [];
  for (const match of prose(page.text).matchAll(/\]\(([^)\s]+)\)/g)) {
    const link = match[1] as string;
    if (/^[a-z]+:/.test(link)) continue;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page.path : posix.join(posix.dirname(page.path), file);
    const other = target === page.path ? page : others.find((one) => one.path === target);
    const there = other !== undefined || existsSync(join(ROOT, target));
    const anchored =
      anchor === undefined ||
      other === undefined ||
      sections(other).some((section) => anchorOf(section.title) === anchor);
    if (!there || !anchored) broken.push(`${page.path}: ${link}`);
  }
  return broken;
}

/** Rows of the tables of a page: cells without blanks at their ends. */
export function tableRows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|:-]+$/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** The TypeScript of a page, block by block; `…` stands for what is left out. */
export function codeBlocks(page: Source): readonly Source[] {
  return [...page.text.matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```/gm)].map((match, i) => ({
    path: `${page.path}.${i}.ts`,
    text: (match[1] as string).replaceAll('…', ''),
  }));
}
