import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/clock.ts';
import type { Mail } from '../ports.ts';
import { onEachDatabase } from '../test-house.ts';
import { mailbox, MAILBOX_ROWS, mailboxMailer, mailboxSms } from './mailbox.ts';

const MAIL: Mail = { to: 'ada@example.com', subject: 'S', text: 'T', html: '<p>H</p>', kind: 'code' };

describe('the mailbox', () => {
  onEachDatabase((sql) => {
    it('shows mails and short messages, newest first, page by page', async () => {
      const clock = new ManualClock();
      const box = mailbox(sql());
      await box.empty();
      for (let i = 0; i < 4; i++) {
        clock.advance(1_000);
        await mailboxMailer(sql(), clock).send({ ...MAIL, subject: `S${i}` });
      }
      clock.advance(1_000);
      await mailboxSms(sql(), clock).send('+4915112345678', 'Your code');
      const first = await box.list({ limit: 2 });
      expect(first.messages[0]).toEqual({
        id: expect.stringMatching(/^msg_/) as string,
        channel: 'sms',
        to: '+4915112345678',
        subject: null,
        text: 'Your code',
        html: null,
        kind: 'sms',
        atMs: clock.now(),
      });
      expect(first.messages[1]).toMatchObject({
        channel: 'mail',
        to: 'ada@example.com',
        subject: 'S3',
        text: 'T',
        html: '<p>H</p>',
        kind: 'code',
      });
      const second = await box.list({ limit: 2, cursor: first.nextCursor as string });
      const third = await box.list({ limit: 2, cursor: second.nextCursor as string });
      expect([...second.messages, ...third.messages].map(({ subject }) => subject)).toEqual([
        'S2',
        'S1',
        'S0',
      ]);
      expect(third.nextCursor).toBeNull();
      expect((await box.list()).messages).toHaveLength(5);
    });

    it('a cursor that is none starts anew, and limits are bounded', async () => {
      const box = mailbox(sql());
      const all = await box.list();
      for (const cursor of ['', "' OR 1=1 --", 'msg_', 'x'.repeat(100_000), '\0']) {
        expect(await box.list({ cursor })).toEqual(all);
      }
      expect((await box.list({ limit: -1 })).messages).toHaveLength(1);
      expect((await box.list({ limit: 1e9 })).messages).toHaveLength(5);
    });

    it(`keeps ${MAILBOX_ROWS} and lets the oldest go, also when 50 arrive at once`, async () => {
      const clock = new ManualClock();
      const mailer = mailboxMailer(sql(), clock);
      const box = mailbox(sql());
      await box.empty();
      const fill = `INSERT INTO rampart.identity_mailbox (id, channel, recipient, body, kind, at_ms)
        SELECT 'msg_' || lpad(n::text, 26, '0'), 'sms', 'x', 'x', 'sms', n FROM generate_series(1, ${MAILBOX_ROWS}) n`;
      await sql().query(fill);
      await Promise.all(Array.from({ length: 50 }, () => mailer.send(MAIL)));
      expect((await box.list({ limit: 200 })).messages.filter(({ kind }) => kind === 'code')).toHaveLength(
        50,
      );
      expect(await box.empty()).toBe(MAILBOX_ROWS);
      expect((await box.list()).messages).toEqual([]);
    });

    it('takes texts that no database can hold as they are sent', async () => {
      await mailboxMailer(sql(), new ManualClock()).send({ ...MAIL, text: 'a\0b\ud800' });
      expect((await mailbox(sql()).list()).messages[0]?.text).toMatch(/^a/);
    });
  });
});
