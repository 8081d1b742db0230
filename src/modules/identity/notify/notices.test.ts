import { describe, expect, it } from 'vitest';
import { RampartError } from '../../../core/errors.ts';
import type { EventFields } from '../../../core/events.ts';
import { ManualClock } from '../../../testing/clock.ts';
import type { Notice } from '../contract.ts';
import type { Mail } from '../ports.ts';
import { createNotices, MOST_NOTICES } from './notices.ts';

const NOTICE: Notice = {
  kind: 'password-changed',
  to: 'ada@example.com',
  locale: 'en',
  values: { device: 'Firefox on Windows' },
};

/** A mailer that does what `answer` says of each try. */
function house(answer: (mail: Mail, attempt: number) => Promise<void> = () => Promise.resolve()) {
  const clock = new ManualClock();
  const events: { type: string; fields: EventFields | undefined }[] = [];
  const log: string[] = [];
  const tries: Mail[] = [];
  let closed = 0;
  const notices = createNotices(
    { product: 'Fischmarkt' },
    {
      mailer: {
        kind: 'smtp',
        send(mail) {
          tries.push(mail);
          return answer(mail, tries.length);
        },
        close: () => Promise.resolve(void (closed += 1)),
      },
      timers: clock,
      events: { emit: (type, fields) => void events.push({ type, fields }) },
      log: { warn: (message, fields) => void log.push(message + JSON.stringify(fields)), error() {} },
    },
  );
  return { clock, events, log, tries, notices, closed: () => closed };
}

const breakDown = (): Promise<void> => Promise.reject(new Error('452 <ada@example.com> mailbox full'));
/** Lets what waits for promises go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('sending notices', () => {
  it('takes the sender no time and settles once the mail was taken over', async () => {
    const { notices, tries, events } = house();
    notices.send(NOTICE);
    await notices.settled();
    expect(tries).toHaveLength(1);
    expect(tries[0]).toMatchObject({ to: 'ada@example.com', kind: 'password-changed' });
    expect(events).toEqual([]);
  });

  it('tries again after 2 and 15 seconds', async () => {
    const { notices, tries, clock, events } = house((_, attempt) =>
      attempt < 3 ? breakDown() : Promise.resolve(),
    );
    notices.send(NOTICE);
    await turn();
    expect(tries).toHaveLength(1);
    clock.advance(1_999);
    await turn();
    expect(tries).toHaveLength(1);
    clock.advance(1);
    await turn();
    expect(tries).toHaveLength(2);
    clock.advance(15_000);
    await notices.settled();
    expect(tries).toHaveLength(3);
    expect(events).toEqual([]);
  });

  it('after three tries it is MAIL_FAILED, without the address in event and log', async () => {
    const { notices, tries, clock, events, log } = house(breakDown);
    notices.send(NOTICE);
    await turn();
    clock.advance(2_000);
    await turn();
    clock.advance(15_000);
    await notices.settled();
    expect(tries).toHaveLength(3);
    expect(events).toEqual([
      {
        type: 'MAIL_FAILED',
        fields: {
          subject: 'password-changed',
          outcome: 'failure',
          details: { code: 'MAIL_UNSENT', tries: 3 },
        },
      },
    ]);
    expect(JSON.stringify([events, log])).not.toContain('ada');
  });

  it('what the server does not want is not tried again', async () => {
    const { notices, tries, events } = house(() => Promise.reject(new RampartError('MAIL_REFUSED', 'no')));
    notices.send(NOTICE);
    await notices.settled();
    expect(tries).toHaveLength(1);
    expect(events[0]?.fields?.details).toEqual({ code: 'MAIL_REFUSED', tries: 1 });
  });

  it.each([
    ['a list', { ...NOTICE, to: 'a@example.com, b@example.com' }, 'ADDRESS'],
    ['a line break', { ...NOTICE, to: 'a@example.com\r\nBcc: b@example.com' }, 'ADDRESS'],
    ['a missing link', { ...NOTICE, kind: 'reset-password' as const }, 'NOTICE_INCOMPLETE'],
  ])('%s fails at once and never throws', async (_, notice, code) => {
    const { notices, tries, events } = house();
    notices.send(notice);
    await notices.settled();
    expect(tries).toEqual([]);
    expect(events[0]?.fields?.details).toEqual({ code, tries: 0 });
  });

  it(`holds at most ${MOST_NOTICES} at once and reports each that it drops`, async () => {
    const gate = Promise.withResolvers<void>();
    const { notices, tries, events } = house(() => gate.promise);
    for (let i = 0; i < MOST_NOTICES + 7; i++) notices.send(NOTICE);
    expect(tries).toHaveLength(4);
    expect(events.map(({ fields }) => fields?.details?.['code'])).toEqual(Array(7).fill('QUEUE_FULL'));
    gate.resolve();
    await notices.settled();
    expect(tries).toHaveLength(MOST_NOTICES);
    notices.send(NOTICE);
    await notices.settled();
    expect(tries).toHaveLength(MOST_NOTICES + 1);
  });

  it('those that wait for another try count too', async () => {
    const { notices, events } = house(breakDown);
    for (let i = 0; i < MOST_NOTICES; i++) notices.send(NOTICE);
    for (let i = 0; i < 50; i++) await turn();
    notices.send(NOTICE);
    expect(events).toHaveLength(1);
    expect(events[0]?.fields?.details).toEqual({ code: 'QUEUE_FULL', tries: 0 });
  });

  it('settles for what was sent before, not for what comes after', async () => {
    const gate = Promise.withResolvers<void>();
    const { notices } = house((_, attempt) => (attempt === 1 ? Promise.resolve() : gate.promise));
    notices.send(NOTICE);
    const settled = notices.settled();
    notices.send(NOTICE);
    await settled;
    gate.resolve();
  });

  it('close tries what waits once more, then closes the mailer, and takes nothing new', async () => {
    const { notices, tries, events, closed } = house((_, attempt) =>
      attempt === 1 ? breakDown() : Promise.resolve(),
    );
    notices.send(NOTICE);
    await turn();
    await notices.close();
    await notices.close();
    expect(tries).toHaveLength(2);
    expect(closed()).toBe(1);
    expect(events).toEqual([]);
    notices.send(NOTICE);
    expect(events[0]?.fields?.details).toEqual({ code: 'CLOSED', tries: 0 });
  });

  it('close gives up a mailer that does not answer', async () => {
    const { notices, clock, events, closed } = house(() => new Promise<void>(() => {}));
    for (let i = 0; i < 10; i++) notices.send(NOTICE);
    const closing = notices.close();
    clock.advance(5_000);
    await closing;
    expect(events).toHaveLength(10);
    expect(closed()).toBe(1);
  });
});
