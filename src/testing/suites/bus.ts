import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../../ports/bus.ts';

/** Two ends of one bus, as two nodes have them; the same object twice where there is only one process. */
export interface OpenedBus {
  readonly here: Bus;
  readonly there: Bus;
  /** Closes both and what stands behind them. */
  remove(): Promise<void>;
}

/** What every driver of the bus port must do. */
export function busSuite(name: string, open: () => Promise<OpenedBus>): void {
  describe(`bus: ${name}`, () => {
    let opened: OpenedBus;
    beforeAll(async () => void (opened = await open()));
    afterAll(() => opened?.remove());

    /** Resolves with what was heard once `end` was. */
    async function listening(
      bus: Bus,
      channel: string,
    ): Promise<{ heard: Promise<string[]>; stop(): Promise<void> }> {
      const messages: string[] = [];
      const { promise, resolve } = Promise.withResolvers<string[]>();
      const stop = await bus.subscribe(channel, (message) => {
        if (message === 'end') resolve(messages);
        else messages.push(message);
      });
      return { heard: promise, stop };
    }

    it('carries messages to all nodes, in order within a channel, and to the sender too', async () => {
      const here = await listening(opened.here, 'suite.one');
      const there = await listening(opened.there, 'suite.one');
      for (const message of ['a', 'ü🦊', '', 'end']) await opened.here.publish('suite.one', message);
      expect(await here.heard).toEqual(['a', 'ü🦊', '']);
      expect(await there.heard).toEqual(['a', 'ü🦊', '']);
      await Promise.all([here.stop(), there.stop()]);
    });

    it('keeps channels apart', async () => {
      const one = await listening(opened.there, 'suite.two');
      await opened.here.publish('suite.three', 'unheard');
      await opened.here.publish('suite.two', 'end');
      expect(await one.heard).toEqual([]);
      await one.stop();
    });

    it('publishes without a listener', async () => {
      await opened.here.publish('suite.nobody', 'x');
    });

    it('calls a handler that was subscribed twice twice, and stops each by itself', async () => {
      const heard: string[] = [];
      const end = await listening(opened.there, 'suite.four');
      const handler = (message: string): void => void heard.push(message);
      const stops = [
        await opened.there.subscribe('suite.four', handler),
        await opened.there.subscribe('suite.four', handler),
      ];
      const first = await listening(opened.there, 'suite.four');
      await opened.here.publish('suite.four', 'twice');
      await opened.here.publish('suite.four', 'end');
      await Promise.all([end.heard, first.heard]);
      expect(heard.filter((message) => message === 'twice')).toHaveLength(2);
      await stops[0]?.();
      await stops[0]?.();
      const second = await listening(opened.there, 'suite.four');
      await opened.here.publish('suite.four', 'once');
      await opened.here.publish('suite.four', 'end');
      await second.heard;
      expect(heard.filter((message) => message === 'once')).toHaveLength(1);
      await Promise.all([stops[1]?.(), end.stop(), first.stop(), second.stop()]);
    });

    it('takes messages of 4,000 bytes and refuses larger ones', async () => {
      const large = await listening(opened.there, 'suite.five');
      await opened.here.publish('suite.five', 'ü'.repeat(2_000));
      await opened.here.publish('suite.five', 'end');
      expect(await large.heard).toEqual(['ü'.repeat(2_000)]);
      await large.stop();
      await expect(opened.here.publish('suite.five', 'ü'.repeat(2_001))).rejects.toMatchObject({
        code: 'BUS_MESSAGE_TOO_LARGE',
      });
    });

    it('refuses names of channels that are not plain', async () => {
      await expect(opened.here.publish('a b', 'x')).rejects.toThrow('channel');
      await expect(opened.here.subscribe('x'.repeat(64), () => undefined)).rejects.toThrow('channel');
    });
  });
}
