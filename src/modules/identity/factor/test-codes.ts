import { expect } from 'vitest';
import type { FactorFault } from '../contract.ts';
import { clientFacts, type FactorHouse } from './test-factor.ts';

let used = 0;
/** A number that no other test has, each from a thousand of its own. */
export function newNumber(): string {
  used += 1;
  return `+4915${String(10_000 + used).padStart(6, '0')}678`;
}

/** A code that is asked for; by default to confirm the number, by an address of the account's own. */
export interface Asked {
  readonly account: string;
  readonly to: string;
  readonly flow?: string;
  readonly group?: string;
  readonly locale?: string;
}

/** Sends a code. @returns the code, as the message says it */
export async function send(house: FactorHouse, asked: Asked): Promise<string> {
  await house.factors.codes.send({
    flow: asked.flow ?? `phone:${asked.account}`,
    account: asked.account,
    channel: 'sms',
    to: asked.to,
    locale: asked.locale ?? 'en',
    facts: clientFacts(asked.group ?? asked.account),
  });
  return /#(\d{6})$/.exec(house.ports.messages.at(-1)?.text ?? '')?.[1] as string;
}

/** Types a code, now. */
export function verify(house: FactorHouse, flow: string, code: string): Promise<FactorFault | 'ok'> {
  return house.act((tx) => house.factors.codes.verify(tx, flow, code, house.ports.clock.now()));
}

/** An account whose number is confirmed. */
export async function withPhone(house: FactorHouse): Promise<{ account: string; to: string }> {
  const { id: account } = await house.account();
  const to = newNumber();
  expect(await verify(house, `phone:${account}`, await send(house, { account, to }))).toBe('ok');
  house.ports.clock.advance(31_000);
  return { account, to };
}

/** Another code than this one. */
export const wrongFor = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
