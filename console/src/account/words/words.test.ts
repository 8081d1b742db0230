import { describe, expect, it } from 'vitest';
import { AR, AR_COUNTED } from './ar.ts';
import { EN, EN_COUNTED } from './en.ts';
import type { WordKey } from './en.ts';
import { speechOf } from './speech.ts';

const keys = Object.keys(EN) as readonly WordKey[];
const gaps = (text: string): readonly string[] =>
  [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).toSorted();

describe('the words of the account pages', () => {
  it('are the same in both languages, none empty', () => {
    expect(Object.keys(AR).toSorted()).toEqual(Object.keys(EN).toSorted());
    expect(keys.filter((key) => EN[key].trim() === '' || AR[key].trim() === '')).toEqual([]);
  });

  it('leave the same gaps to fill', () => {
    expect(keys.filter((key) => gaps(EN[key]).join() !== gaps(AR[key]).join())).toEqual([]);
  });

  it('are Arabic in Arabic, but for names and examples', () => {
    const kept = new Set(['codes.file']);
    const foreign = keys.filter((key) => {
      const plain = AR[key].replace(/\{\w+\}|Rampart|QR|name@example\.com/g, '');
      return !kept.has(key) && /[A-Za-z]/.test(plain);
    });
    expect(foreign).toEqual([]);
  });

  it('count in every form that the language has', () => {
    const forms = (language: string) => new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const name of ['codesLeft', 'endedOthers'] as const) {
      expect(Object.keys(AR_COUNTED[name]).toSorted()).toEqual(forms('ar').toSorted());
      expect(Object.keys(EN_COUNTED[name]).toSorted()).toEqual(forms('en').toSorted());
    }
    expect(speechOf('en').count('codesLeft', 1)).toBe('1 code left');
    expect(speechOf('ar').count('codesLeft', 2)).toBe('بقي رمزان');
  });

  it('fill gaps as they are, and leave unknown ones to be seen', () => {
    const { t } = speechOf('en');
    expect(t('verify.done', { email: '{name} $& <b>' })).toBe('{name} $& <b> is confirmed.');
    expect(t('verify.done')).toBe('{email} is confirmed.');
  });

  it('tell times as people do', () => {
    const { ago, wait } = speechOf('en');
    expect([ago(0, 30_000), ago(0, 120_000), ago(0, 86_400_000), ago(5, 0)]).toEqual([
      'now',
      '2 minutes ago',
      'yesterday',
      'now',
    ]);
    expect([wait(65), wait(5), wait(3600)]).toEqual(['1:05', '0:05', '60:00']);
  });
});
