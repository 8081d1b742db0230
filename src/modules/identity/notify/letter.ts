import { RampartError } from '../../../core/errors.ts';
import type { Notice } from '../contract.ts';
import { ARABIC } from './arabic.ts';
import { ENGLISH } from './english.ts';
import type { Language } from './words.ts';

const MAX_VALUE = 200;
const MAX_LINK = 2_048;

/** A notice with its words and clean values, before it becomes text or HTML. */
export interface Letter {
  readonly language: Language;
  readonly subject: string;
  readonly hello: string;
  readonly before: readonly string[];
  readonly code: string | undefined;
  readonly link: { readonly label: string; readonly url: string } | undefined;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly after: readonly string[];
  readonly footer: string;
  readonly values: Values;
}

/** Clean values by their name. */
export type Values = Readonly<Record<string, string>>;

/** Puts values into a sentence. */
export function fill(sentence: string, values: Values, show: (value: string) => string): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => show(values[name] ?? ''));
}

/** One line without control characters and without marks that turn the direction of what follows. */
export function cleanLine(text: string, most = MAX_VALUE): string {
  return text
    .slice(0, most)
    .toWellFormed()
    .replaceAll(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim();
}

/**
 * The letter of a notice.
 * @throws RampartError `NOTICE_INCOMPLETE` when its link or code is missing
 */
export function letterOf(notice: Notice, product: string): Letter {
  const language = /^ar\b/i.test(notice.locale) ? ARABIC : ENGLISH;
  const words = language.notices[notice.kind];
  const values = valuesOf(notice, product, language);
  if (words.needs !== undefined && values[words.needs] === undefined) {
    throw new RampartError('NOTICE_INCOMPLETE', `The notice '${notice.kind}' lacks its ${words.needs}.`);
  }
  const named = values['name'] !== undefined && words.stranger === undefined;
  const { link } = values;
  return {
    language,
    subject: words.subject,
    hello: named ? language.helloNamed : language.hello,
    before: complete(words.before, values),
    code: words.needs === 'code' ? values['code'] : undefined,
    link: words.button !== undefined && link !== undefined ? { label: words.button, url: link } : undefined,
    facts: words.facts ? factsOf(language, values) : [],
    after: complete(words.after, values),
    footer: language.footer,
    values,
  };
}

function valuesOf(notice: Notice, product: string, language: Language): Values & { readonly link?: string } {
  const clean: Record<string, string> = { product };
  for (const [name, value] of Object.entries(notice.values)) {
    const line = name === 'link' ? value : cleanLine(value);
    if (line !== '') clean[name] = line;
  }
  if (clean['link'] !== undefined && !isLink(clean['link'])) delete clean['link'];
  if (clean['name'] !== undefined && !isGreetable(clean['name'])) delete clean['name'];
  const { time, factor } = clean;
  if (time !== undefined && /^\d{12,14}$/.test(time)) clean['time'] = timeOf(Number(time), language);
  if (factor !== undefined && Object.hasOwn(language.factors, factor)) {
    clean['factor'] = language.factors[factor] as string;
  }
  return clean;
}

function complete(sentences: readonly string[], values: Values): readonly string[] {
  return sentences.filter((sentence) =>
    [...sentence.matchAll(/\{(\w+)\}/g)].every(([, name]) => values[name as string] !== undefined),
  );
}

function factsOf(language: Language, values: Values): Letter['facts'] {
  const facts = [
    { label: language.when, value: values['time'] },
    { label: language.device, value: values['device'] },
    { label: language.place, value: values['place'] },
  ];
  return facts.flatMap(({ label, value }) => (value === undefined ? [] : [{ label, value }]));
}

function timeOf(atMs: number, language: Language): string {
  const format = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const;
  return `${new Intl.DateTimeFormat(language.locale, format).format(atMs)} UTC`;
}

function isLink(text: string): boolean {
  if (text.length > MAX_LINK || /[\s\p{C}<>"]/u.test(text)) return false;
  const protocol = URL.parse(text)?.protocol;
  return protocol === 'https:' || protocol === 'http:';
}

/** Names are chosen by whoever signs up: one that could be read as an address of the web or a slogan is not repeated. */
function isGreetable(name: string): boolean {
  const letters = name.replaceAll(/\u200c|\u200d/g, '');
  return name.length <= 60 && /^[\p{L}\p{M}][\p{L}\p{M} '’-]*$/u.test(letters) && !/www/i.test(letters);
}
