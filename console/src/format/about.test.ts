import { expect, it } from 'vitest';
import { aboutWords } from './about.ts';

it('says of an event what happened, and of a detection what was seen', () => {
  expect(aboutWords({ about: 'A pattern was seen; told once a minute for each.' })).toBe(
    'A pattern was seen.',
  );
  expect(aboutWords({ about: 'A key was added; it seals once all nodes know it.' })).toBe(
    'A key was added; it seals once all nodes know it.',
  );
  expect(aboutWords({ about: 'A detector saw its pattern.', details: { what: '6 requests.' } })).toBe(
    '6 requests.',
  );
});
