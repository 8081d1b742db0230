import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameHtml, gistOf, isOwn, piecesOf } from './links.ts';

const HERE = 'http://localhost:4600';
const TOKEN = '9hYq0vX2mT7bK4wRzL1sE8uJ5cN3aGdPfV6iOxQyHtM';

describe('the text of a mail', () => {
  it('loses nothing, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(99_999_999), (words, number) => {
        const text = `${words} ${number} ${HERE}/a?b=${number}. ${words}`;
        const pieces = piecesOf(text, HERE);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      }),
    );
  });

  it('has links of this server, without the point that ends the sentence', () => {
    const { link, code } = gistOf(`Confirm with ${HERE}/account/verify#token=${TOKEN}. Once.`, HERE);
    expect(link).toBe(`${HERE}/account/verify#token=${TOKEN}`);
    expect(code).toBeNull();
  });

  it('has codes of six to eight digits, and takes no year, price, port or token for one', () => {
    expect(gistOf('Your code is 481920. It is good for 5 minutes.', HERE).code).toBe('481920');
    expect(gistOf('Code: 48192011', HERE).code).toBe('48192011');
    for (const text of ['In 2026', 'pay 123456.50', 'call +49151234567', `${HERE}/x/123456`, '123456789']) {
      expect(gistOf(text, HERE).code).toBeNull();
    }
  });

  it.each([
    'https://evil.example/account/verify',
    'http://localhost:4601/x',
    'http://localhost.evil.example:4600/x',
    'http://127.0.0.1.evil.example:4600/x',
    'http://localhost:4600@evil.example/x',
    'https://localhost:4700/x',
  ])('never makes a link of %s', (link) => {
    expect(piecesOf(`Go to ${link} now`, HERE)).toEqual([{ kind: 'text', text: `Go to ${link} now` }]);
  });

  it('knows this machine by its other names, on the same port', () => {
    expect(isOwn('http://127.0.0.1:4600/x', HERE)).toBe(true);
    expect(isOwn('http://[::1]:4600/x', HERE)).toBe(true);
    expect(isOwn('http://127.0.0.1:4600/x', 'https://console.example.org')).toBe(false);
    expect(isOwn('javascript:alert(1)', HERE)).toBe(false);
    expect(isOwn('not a link', HERE)).toBe(false);
  });

  it('is cut in time that grows with its length alone', () => {
    const hostile = `${'http://'.repeat(20_000)}${'1'.repeat(50_000)}`;
    const started = performance.now();
    piecesOf(hostile, HERE);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('the HTML of a mail, for a page without inline styles', () => {
  it('keeps its styles as data, also beside other attributes and over lines', () => {
    expect(frameHtml('<p class="a"\n style="color:red">x</p>')).toBe(
      '<base target="_blank"><p class="a"\n data-style="color:red">x</p>',
    );
  });

  it('keeps its doctype in front, so that it is drawn by the standard', () => {
    expect(frameHtml('<!doctype html><p>x</p>')).toBe('<!doctype html><base target="_blank"><p>x</p>');
  });

  it('loses its style sheets, and nothing of its words', () => {
    expect(frameHtml('<style>a{color:red}</style><p>my style = yours</p>')).toBe(
      '<base target="_blank"><p>my style = yours</p>',
    );
  });
});
