import { readFileSync } from 'node:fs';

/** Where the challenge is asked for, handed in, and where its files are. Answered by the guard, in every framework. */
export const CHALLENGE_PATH = '/.well-known/rampart/challenge';

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

const read = (name: string): string => readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8');

/** Reads the page's files; once, at the start. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const script = 'text/javascript; charset=utf-8';
  return new Map([
    [`${CHALLENGE_PATH}/page.js`, { type: script, text: read('page.js') }],
    [`${CHALLENGE_PATH}/solver.js`, { type: script, text: read('solver.js') }],
    [`${CHALLENGE_PATH}/page.css`, { type: 'text/css; charset=utf-8', text: read('page.css') }],
  ]);
}
