import { describe, expect, it } from 'vitest';
import { BINDINGS, keyOf, keysOf, press, SEQUENCE_MS } from './keymap.ts';
import type { Waiting } from './keymap.ts';

function type(...keys: readonly string[]): string | null {
  let waiting: Waiting = null;
  let command: string | null = null;
  for (const key of keys) ({ waiting, command } = press(waiting, key, 1000));
  return command;
}

describe('the keys', () => {
  it('each lead to their command, and to one only', () => {
    for (const { command, keys } of BINDINGS) expect(type(...keys)).toBe(command);
    const pressed = BINDINGS.map(({ keys }) => keys.join(' '));
    expect(new Set(pressed).size).toBe(pressed.length);
  });

  it('of one stroke never start a sequence', () => {
    const starts = new Set(BINDINGS.filter(({ keys }) => keys.length === 2).map(({ keys }) => keys[0]));
    for (const { keys } of BINDINGS) if (keys.length === 1) expect(starts.has(keys[0])).toBe(false);
  });

  it('mean something else after g: l is limits, then live', () => {
    expect(type('g', 'l')).toBe('go-limits');
    expect(type('l')).toBe('live');
    expect(type('g', 'l', 'l')).toBe('live');
  });

  it('lead to users after g, where u alone takes back', () => {
    expect(type('g', 'u')).toBe('go-users');
    expect(type('u')).toBe('undo');
    expect(type('g', 'm')).toBe('go-mailbox');
  });

  it('forget a first key after a while', () => {
    const { waiting } = press(null, 'g', 0);
    expect(press(waiting, 'l', SEQUENCE_MS + 1).command).toBe('live');
    expect(press(waiting, 'l', SEQUENCE_MS).command).toBe('go-limits');
  });

  it('work with caps lock', () => {
    expect(type('G', 'D')).toBe('go-decisions');
  });

  it('tell Shift from caps lock where it leads elsewhere', () => {
    expect(keyOf({ key: 'J', shiftKey: true })).toBe('Shift+j');
    expect(keyOf({ key: 'J', shiftKey: false })).toBe('J');
    expect(keyOf({ key: 'A', shiftKey: true })).toBe('A');
    expect(keyOf({ key: '?', shiftKey: true })).toBe('?');
    expect(type(keyOf({ key: 'K', shiftKey: true }))).toBe('select-previous');
    expect(type('J')).toBe('row-next');
    expect(keysOf('select-next')).toEqual(['Shift', 'J']);
  });

  it('do nothing where nothing is bound', () => {
    expect(type('q')).toBeNull();
    expect(type('g', 'q')).toBeNull();
  });
});
