import { describe, expect, it } from 'vitest';
import { namesIn, sharedNames } from './shared-names.ts';
import { phrasesIn, sharedPhrases } from './shared-phrases.ts';

describe('names that several detectors look for', () => {
  const one = sharedNames(['lamp', 'desk']);
  const other = sharedNames(['desk', 'chair'], (name) => name === 'chair');

  it.each([
    ['a lamp', one],
    ['a desk.', one | other],
    ['(lampshade)', 0],
    ['7lamp()', one],
    ['x7lamp()', 0],
    ['chair(1)', other],
    ['the chair is red', 0],
    ['the chair', 0],
    ['chair lamp chair[0]', one | other],
    ['', 0],
  ])('%s', (text, bits) => {
    for (const mine of [one, other]) expect((namesIn(text) & mine) !== 0).toBe((bits & mine) !== 0);
  });

  it('are known at once when a list is added', () => {
    expect(namesIn('a sofa')).toBe(0);
    const late = sharedNames(['sofa']);
    expect(namesIn('a sofa') & late).not.toBe(0);
  });
});

describe('phrases that several detectors look for', () => {
  it('are told by the bits of their lists, anywhere in a text', () => {
    const one = sharedPhrases(['red lamp', 'a.b(']);
    const other = sharedPhrases(['lamp']);
    expect(phrasesIn('the red lamp')).toBe(one | other);
    expect(phrasesIn('xa.b(c')).toBe(one);
    expect(phrasesIn('red')).toBe(0);
    const late = sharedPhrases(['red']);
    expect(phrasesIn('red')).toBe(late);
  });
});
