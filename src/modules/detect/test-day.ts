import type { EventFields, RampartEvent } from '../../core/events.ts';
import { DAY, detections, event, HOUR, MINUTE, SECOND, START } from './test-house.ts';

/** Numbers that look random and are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const USERS = 20_000;
const OFFICES = 40;
const PLANTS = 3;
/** Workers of a plant, who all sign in at the change of shifts, behind one address. */
const SHIFT = 400;

/** A day of honest people: midnight to midnight UTC. */
export class HonestDay {
  readonly events: RampartEvent[] = [];
  readonly #random: () => number;
  readonly #midnight = START - (START % DAY);

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#peopleSignIn();
    this.#shiftsChange();
    this.#peopleForget();
    this.#peopleClickAround();
    this.#clerksRead();
    this.#peoplePay();
    this.#machinesMeasure();
    this.events.sort((a, b) => a.atMs - b.atMs);
  }

  #add(type: string, atMs: number, fields: EventFields): void {
    this.events.push(event(type, Math.floor(atMs), fields));
  }

  #some(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  /** A moment of the day: most between 8 and 22 o'clock. */
  #moment(): number {
    const hour = this.#chance(0.85) ? 8 + this.#random() * 14 : this.#random() * 24;
    return this.#midnight + hour * HOUR;
  }

  /** A third sits in offices, a fifth on phones behind shared addresses, the rest at home. */
  #addressOf(user: number): string {
    if (user % 3 === 0) return `192.0.2.${(user % OFFICES) + 1}`;
    if (user % 5 === 1) return `203.0.113.${(user % 60) + 1}`;
    return `2001:db8:${(user >> 8).toString(16)}:${(user & 255).toString(16)}::5`;
  }

  /** A sign-in as people do it: now and then the first try is wrong, and so is a code. */
  #signIn(user: number, atMs: number, address = this.#addressOf(user), wrong = 0.07): void {
    const who: EventFields = { subject: `usr_${user}`, address, route: 'POST /auth/sign-in' };
    let at = atMs;
    while (this.#chance(wrong)) {
      this.#add('SIGN_IN_FAILED', at, { ...who, outcome: 'failure' });
      at += 8 * SECOND + this.#some(30) * SECOND;
    }
    if (user % 4 === 0)
      while (this.#chance(0.05))
        this.#add('TOTP_FAILED', (at += 15 * SECOND), { ...who, outcome: 'failure' });
    this.#add('SIGN_IN_SUCCEEDED', at + 20 * SECOND, {
      ...who,
      actor: `user:usr_${user}`,
      outcome: 'success',
    });
    if (this.#chance(0.02)) this.#add('NEW_DEVICE', at + 20 * SECOND, who);
  }

  #peopleSignIn(): void {
    for (let user = 0; user < USERS; user++)
      for (let i = 0; i < 1 + this.#some(2); i++) this.#signIn(user, this.#moment());
    // Offices open.
    for (let i = 0; i < 3_000; i++)
      this.#signIn(this.#some(USERS / 3) * 3, this.#midnight + 8 * HOUR + this.#random() * 20 * MINUTE);
  }

  #shiftsChange(): void {
    for (const hour of [6, 14, 22])
      for (let plant = 0; plant < PLANTS; plant++)
        for (let i = 0; i < SHIFT; i++) {
          const atMs = this.#midnight + hour * HOUR + this.#random() * 12 * MINUTE;
          // Gloves, shared terminals: more is mistyped than elsewhere.
          this.#signIn(30_000 + plant * 2_000 + hour * 400 + i, atMs, `198.51.100.${plant + 1}`, 0.12);
        }
  }

  #peopleForget(): void {
    for (let i = 0; i < 250; i++) {
      const user = this.#some(USERS);
      let at = this.#moment();
      const who: EventFields = {
        subject: `usr_${user}`,
        address: this.#addressOf(user),
        route: 'POST /auth/sign-in',
      };
      for (let tries = 2 + this.#some(6); tries > 0; tries--)
        this.#add('SIGN_IN_FAILED', (at += 10 * SECOND + this.#some(60) * SECOND), {
          ...who,
          outcome: 'failure',
        });
      if (this.#chance(0.3)) this.#add('ACCOUNT_DELAYED', at, { ...who, outcome: 'refused' });
      this.#add('PASSWORD_RESET_REQUESTED', (at += MINUTE), { address: who.address as string });
      this.#add('PASSWORD_RESET', (at += 4 * MINUTE), who);
      this.#signIn(user, at + MINUTE);
    }
    // The newsletter brings people who have not been here for a year, at ten o'clock.
    for (let i = 0; i < 2_000; i++) {
      const user = this.#some(USERS);
      const at = this.#midnight + 10 * HOUR + this.#random() * 20 * MINUTE;
      this.#signIn(user, at, this.#addressOf(user), 0.3);
      if (this.#chance(0.1)) this.#add('PASSWORD_RESET_REQUESTED', at, { address: this.#addressOf(user) });
      if (this.#chance(0.2)) this.#add('SIGN_UP_REQUESTED', at, { address: this.#addressOf(user) });
    }
  }

  #peopleClickAround(): void {
    for (let i = 0; i < 400; i++) {
      const user = this.#some(USERS);
      const who: EventFields = { actor: `user:usr_${user}`, address: this.#addressOf(user) };
      const at = this.#moment();
      for (let tries = 1 + this.#some(3); tries > 0; tries--)
        this.#add('UNAUTHORIZED_ACCESS_ATTEMPT', at + tries * 5 * SECOND, {
          ...who,
          details: { endpoint: '/admin/report' },
        });
    }
    // A page of several parts that a role has lost: each load is refused several times, and they load it again.
    for (let i = 0; i < 80; i++) {
      const who: EventFields = { actor: `user:usr_${this.#some(USERS)}`, address: '192.0.2.7' };
      const at = this.#moment();
      const parts = 3 + this.#some(5);
      for (let load = 1 + this.#some(4); load > 0; load--)
        for (let part = 0; part < parts; part++)
          this.#add('UNAUTHORIZED_ACCESS_ATTEMPT', at + load * 20 * SECOND + part * 40, {
            ...who,
            details: { endpoint: `/admin/board/${part}` },
          });
    }
    for (let i = 0; i < 4_000; i++) {
      const user = this.#some(USERS);
      this.#add('TOKEN_REFUSED', this.#moment(), {
        address: this.#addressOf(user),
        severity: 'LOW',
        details: { reason: 'refresh: ended' },
      });
      if (this.#chance(0.3))
        this.#add('REQUEST_REFUSED', this.#moment(), {
          address: this.#addressOf(user),
          outcome: 'refused',
          details: { code: 'RATE_LIMIT_EXCEEDED', count: 1 + this.#some(12) },
        });
    }
    for (let i = 0; i < 60; i++) {
      const address = this.#addressOf(this.#some(USERS));
      const at = this.#moment();
      for (let tries = 1 + this.#some(3); tries > 0; tries--) {
        this.#add('UPLOAD_REFUSED', at + tries * 20 * SECOND, { address, outcome: 'refused' });
        // Somebody writes about SQL in a forum, and tries once more.
        if (i < 15)
          this.#add('INJECTION_ATTEMPT', at + tries * 20 * SECOND, {
            address,
            route: `POST /posts/${i}`,
            details: { class: 'sql' },
          });
      }
    }
    this.#travel();
  }

  /** Phones change between home, train, cells and the office; each change is seen by what they do. */
  #travel(): void {
    for (let i = 0; i < 800; i++) {
      const user = this.#some(USERS);
      const at = this.#moment();
      for (let stop = 0; stop < 4; stop++)
        this.#add('REQUEST_REFUSED', at + stop * 4 * MINUTE, {
          actor: `user:usr_${user}`,
          address: `203.0.113.${this.#some(200) + 1}`,
          details: { code: 'RATE_LIMIT_EXCEEDED' },
        });
    }
  }

  #clerksRead(): void {
    for (let clerk = 0; clerk < 12; clerk++)
      for (let hour = 8; hour < 17; hour++) {
        const who: EventFields = { actor: `user:clerk_${clerk}`, address: '192.0.2.200' };
        for (let i = 0; i < 4 + this.#some(8); i++)
          this.#add('SENSITIVE_ROWS_READ', this.#midnight + hour * HOUR + this.#some(HOUR), {
            ...who,
            subject: 'payouts',
            details: { count: 1 + this.#some(20) },
          });
        for (let i = this.#some(4); i > 0; i--)
          this.#add('LIST_EXPORTED', this.#midnight + hour * HOUR + this.#some(HOUR), {
            ...who,
            subject: 'orders',
          });
      }
  }

  #peoplePay(): void {
    for (let i = 0; i < 4_000; i++) this.#pay(this.#some(USERS), this.#moment());
    // Lunch is ordered from the offices, within half an hour.
    for (let i = 0; i < 1_500; i++)
      this.#pay(this.#some(USERS / 3) * 3, this.#midnight + 11.5 * HOUR + this.#random() * 30 * MINUTE);
  }

  #pay(user: number, atMs: number): void {
    const fields: EventFields = {
      actor: `user:usr_${user}`,
      address: this.#addressOf(user),
      details: {
        amountMinor: 300 + this.#some(6_000),
        device: `device_${user}`,
        cardPrefix: `${411_111 + this.#some(40)}`,
      },
    };
    let at = atMs;
    for (let tries = 0; tries < 4 && this.#chance(0.06); tries++)
      this.#add('PAYMENT_FAILED', (at += 20 * SECOND), fields);
    this.#add('PAYMENT_SUCCEEDED', at + 30 * SECOND, fields);
  }

  #machinesMeasure(): void {
    for (let minute = 0; minute < 24 * 60; minute++) {
      const hour = minute / 60;
      const newsletter = hour >= 10 && hour < 10.4 ? 6 : 1;
      const usual = 400 + 1_600 * Math.max(0, Math.sin(((hour - 6) / 18) * Math.PI));
      const requests = Math.floor(usual * newsletter * (0.85 + this.#random() * 0.3));
      // A release at three in the afternoon: two minutes of errors.
      const errors = Math.floor(
        requests * (minute === 900 || minute === 901 ? 0.04 : 0.002 * (0.5 + this.#random())),
      );
      this.#add('TRAFFIC_MEASURED', this.#midnight + minute * MINUTE, {
        details: {
          requests,
          errors,
          p95Ms: Math.floor(60 + 40 * this.#random() + (newsletter > 1 ? 80 : 0)),
          nodes: 1,
        },
      });
    }
  }
}

/** Rules about want of a permission: honest people meet it every day, and nobody is to be told of that. */
const QUIET_RULES = /^(unauthorised_access|object_probing)/;

/**
 * Looks at an honest day with all shipped rules, and prints how often each spoke.
 * @returns what is HIGH or above, and what is MEDIUM of `QUIET_RULES`
 */
export async function honestDay(seed: number): Promise<readonly string[]> {
  const { events } = new HonestDay(seed);
  const counts = new Map<string, number>();
  const loud: string[] = [];
  for (const one of await detections(events)) {
    if (one.updated) continue;
    counts.set(one.rule, (counts.get(one.rule) ?? 0) + 1);
    const isQuiet = one.severity === 'MEDIUM' && QUIET_RULES.test(one.rule);
    if (isQuiet || one.severity === 'HIGH' || one.severity === 'CRITICAL')
      loud.push(`${one.rule}: ${one.description}`);
  }
  const told = [...counts].map(([rule, count]) => `${rule} ${count}`).join(', ');
  process.stdout.write(`honest day ${seed}: ${events.length} events; ${told}\n`);
  return loud;
}
