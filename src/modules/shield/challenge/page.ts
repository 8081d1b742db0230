import { CHALLENGE_PATH } from './paths.ts';
import type { Issued } from './token.ts';
import type { ChallengeWords } from './words.ts';

/** What a page is made of. */
export interface PageParts {
  readonly words: ChallengeWords;
  readonly issued: Issued;
  /** What happens afterwards: the page is loaded anew, the person goes back to a form, or on to a path of this site. */
  readonly after: 'reload' | 'back' | `/${string}`;
  /** Decision id, for whoever asks. */
  readonly reference: string | null;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (one) => ENTITIES[one] as string);
}

/** A rampart's outline; decoration, and no information. */
const MARK = `<svg class="mark" viewBox="0 0 44 44" fill="none" aria-hidden="true"><path d="M22 3.5 38 9v12.6c0 9.4-6.4 16-16 19.4C12.4 37.6 6 31 6 21.6V9L22 3.5Z" fill="currentColor" fill-opacity=".12" stroke="currentColor" stroke-width="2.5" stroke-linejoin="round"/><path class="tick" d="m15 22.5 5 5 9.5-10.5" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

/** The page as HTML: nothing inline that a strict policy refuses, and readable without style and script. */
export function renderPage({ words, issued, after, reference }: PageParts): string {
  const data = {
    state: 'idle',
    token: issued.token,
    seed: issued.seed,
    bits: String(issued.bits),
    puzzles: String(issued.puzzles),
    submit: CHALLENGE_PATH,
    solver: `${CHALLENGE_PATH}/solver.js`,
    after,
    working: words.working,
    done: words.done,
    again: words.again,
    back: words.back,
    failed: words.failed,
    retry: words.retry,
    cookies: words.cookies,
  };
  const attributes = Object.entries(data)
    .map(([name, value]) => ` data-${name}="${escaped(value)}"`)
    .join('');
  const w = Object.fromEntries(Object.entries(words).map(([key, text]) => [key, escaped(text as string)]));
  return `<!doctype html>
<html lang="${w['lang']}" dir="${w['dir']}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${w['title']}</title>
<link rel="stylesheet" href="${CHALLENGE_PATH}/page.css">
<script src="${CHALLENGE_PATH}/page.js" defer></script>
</head>
<body>
<main id="challenge"${attributes}>
${MARK}
<h1>${w['title']}</h1>
<p class="lead">${w['lead']}</p>
<div class="work">
<progress id="bar" max="${issued.puzzles}" value="0" aria-label="${w['progress']}"></progress>
<p id="say" role="status"></p>
<button id="retry" type="button" hidden>${w['retry']}</button>
</div>
<noscript><p class="no-script">${w['noScript']}</p></noscript>
<details>
<summary>${w['why']}</summary>
<p>${w['because']}</p>
</details>
${reference === null ? '' : `<p class="reference">${w['reference']}: <code dir="ltr">${escaped(reference)}</code></p>`}
</main>
</body>
</html>
`;
}
