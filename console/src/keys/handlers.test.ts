import { describe, expect, it } from 'vitest';
import { Handlers } from './handlers.ts';

describe('what answers a command', () => {
  it('is the page before the frame, whichever of them was drawn first', () => {
    const handlers = new Handlers();
    const [page, frame] = [() => undefined, () => undefined];
    const end = handlers.add('undo', page, false);
    handlers.add('undo', frame, true);
    expect(handlers.of('undo')).toBe(page);
    end();
    expect(handlers.of('undo')).toBe(frame);
    expect(handlers.of('block')).toBeUndefined();
  });

  it('is the newest part of a page, and the one before when that has gone', () => {
    const handlers = new Handlers();
    const [list, drawer] = [() => undefined, () => undefined];
    handlers.add('back', list, false);
    const end = handlers.add('back', drawer, false);
    expect(handlers.of('back')).toBe(drawer);
    end();
    expect(handlers.of('back')).toBe(list);
  });
});
