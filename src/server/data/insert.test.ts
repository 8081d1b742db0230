import { describe, expect, it } from 'vitest';
import { insertInChunks } from './insert.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
const fault = (code: string): Error => Object.assign(new Error('refused'), { code });

describe('inserting in chunks', () => {
  it('leaves out just what the database will never take, whichever statement holds it', async () => {
    const taken: number[] = [];
    const bad = new Set([3, 40, 41, 99]);
    const insert = (chunk: readonly number[]): Promise<number> => {
      if (chunk.some((one) => bad.has(one))) return Promise.reject(fault('22P02'));
      taken.push(...chunk);
      return Promise.resolve(chunk.length);
    };
    const count = await insertInChunks(numbers(100), insert, { atOnce: 32, together: 2 });
    expect(count).toEqual({ inserted: 96, refused: 4 });
    expect(taken.toSorted((a, b) => a - b)).toEqual(numbers(100).filter((one) => !bad.has(one)));
  });

  it('has so many statements under way, and no more', async () => {
    let now = 0;
    let most = 0;
    const insert = async (chunk: readonly number[]): Promise<number> => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return chunk.length;
    };
    await insertInChunks(numbers(90), insert, { atOnce: 10, together: 3 });
    expect(most).toBe(3);
    most = 0;
    await insertInChunks(numbers(90), insert, { atOnce: 10 });
    expect(most).toBe(1);
  });

  it('throws that the database is gone only once nothing is under way, and begins nothing more', async () => {
    const begun: number[] = [];
    const slow = Promise.withResolvers<number>();
    const insert = (chunk: readonly number[]): Promise<number> => {
      begun.push(chunk[0] ?? -1);
      return chunk[0] === 0 ? slow.promise : Promise.reject(fault('57P01'));
    };
    let ended = false;
    const inserting = insertInChunks(numbers(50), insert, { atOnce: 10, together: 2 }).catch(
      (error: unknown) => {
        ended = true;
        return error;
      },
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    slow.resolve(10);
    expect(await inserting).toMatchObject({ code: '57P01' });
    expect(begun).toEqual([0, 10]);
  });
});
