import type { Notice } from '../contract.ts';

/**
 * Words of one notice. `{value}` stands for a value of the notice, `{product}` for the application's name; a sentence
 * whose value is missing is left out. A subject holds no value but the product: it is shown on locked screens.
 */
export interface NoticeWords {
  readonly subject: string;
  readonly before: readonly string[];
  /** Label of the link; without it, or where the notice has no link, there is none. */
  readonly button?: string;
  /** Whether time, device and place are listed. */
  readonly facts?: true;
  readonly after: readonly string[];
  /** Value without which the notice makes no sense. */
  readonly needs?: 'link' | 'code';
  /** Goes to somebody who may never have heard of us: no name that a stranger could have chosen. */
  readonly stranger?: true;
}

/** Words of one language. */
export interface Language {
  /** BCP 47, with Latin digits. */
  readonly locale: string;
  readonly lang: 'en' | 'ar';
  readonly dir: 'ltr' | 'rtl';
  readonly hello: string;
  readonly helloNamed: string;
  readonly when: string;
  readonly device: string;
  readonly place: string;
  /** Before the plain address of a link. */
  readonly plainLink: string;
  readonly footer: string;
  /** What factors are called. */
  readonly factors: Readonly<Record<string, string>>;
  readonly notices: Readonly<Record<Notice['kind'], NoticeWords>>;
}
