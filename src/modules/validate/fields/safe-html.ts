import sanitize from 'sanitize-html';
import { field, NO_TEXT, type ReadyField, textOf, misfit } from './field.ts';

/** How HTML is read. */
export interface SafeHtmlOptions {
  /** Characters at most; default 10,000. */
  readonly max?: number;
  /** What is not on the list: `clean` (default) takes it away, `refuse` refuses the text. */
  readonly other?: 'clean' | 'refuse';
}

const TAGS = ['b', 'i', 'em', 'strong', 'u'];

/** HTML of `b`, `i`, `em`, `strong` and `u` without attributes. */
export function safeHtml({ max = 10_000, other = 'clean' }: SafeHtmlOptions = {}): ReadyField<string> {
  return field({ type: 'string', 'x-rampart-holds': 'html' }, (given) => {
    if (typeof given !== 'string') return NO_TEXT;
    const text = textOf(given, max);
    if (text === undefined) return misfit('LENGTH', `Must be ${max} characters long at most.`);
    let removed = false;
    const value = sanitize(text, {
      allowedTags: TAGS,
      allowedAttributes: {},
      // Deeper than any honest text; each level costs.
      nestingLimit: 20,
      onOpenTag: (name, attributes) => {
        removed ||= !TAGS.includes(name) || Object.keys(attributes).length > 0;
      },
    });
    // Comments and doctypes open no tag.
    if (other === 'refuse' && (removed || /<[!?/]?(?![/]?(?:b|i|em|strong|u)\s*>)[a-z!?]/i.test(text)))
      return misfit('HTML_REFUSED', 'May hold b, i, em, strong and u without attributes, and no other tag.');
    return { value };
  });
}
