import { randomInt } from 'node:crypto';
import { AppError, RateLimitError, ValidationError } from '../../../core/errors.ts';
import { newId } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { FactorFault, OneTimeCodes } from '../contract.ts';
import { pumpingTeller, reportCode, reportSend } from './code-report.ts';
import { confirmPhone, countTry, findCode, isConfirmed, lockSends, putCode, useUp } from './code-store.ts';
import { readCode } from './code-text.ts';
import { equalTexts, keyedDigest } from './keyed.ts';
import { messageOf } from './message.ts';
import type { FactorSettings } from './options.ts';
import { isAllowedPhone, normalizePhone, type Phone } from './phone.ts';
import type { FactorPorts } from './ports.ts';
import { judgeSend, type SendKeys, type SendLeave } from './send-limits.ts';

const MAX_FLOW = 200;

type Send = Parameters<OneTimeCodes['send']>[0];

/** Flow by which an account confirms a number: its first right code makes that number a second factor. */
export const phoneFlow = (account: string): string => `phone:${account}`;

/**
 * Six-digit codes by SMS and mail (NIST SP 800-63B-4, 3.1.3): 20 bits from a CSPRNG, five minutes, five tries, one use,
 * good for one flow alone. The caller commits also when a code was wrong, or the try would not count.
 */
export function createCodes(settings: FactorSettings, ports: FactorPorts): OneTimeCodes {
  const codeHash = keyedDigest(ports.secret, 'one-time codes');
  const sendHash = keyedDigest(ports.secret, 'code sends');
  const tellsNow = pumpingTeller();

  function keysOf(given: Send, phone: Phone | undefined): SendKeys {
    return {
      channel: given.channel,
      account: given.account,
      to_hash: sendHash('to', phone?.number ?? given.to.toLowerCase()),
      range_hash: phone ? sendHash('range', phone.number.slice(0, -3)) : null,
      group_hash: sendHash('group', given.facts.group),
      country: phone?.country ?? null,
    };
  }

  function reserve(
    given: Send,
    keys: SendKeys,
    phone: Phone | undefined,
    code: string,
    nowMs: number,
  ): Promise<SendLeave> {
    const { flow, account, channel } = given;
    const confirms = flow === phoneFlow(account);
    return ports.transaction(async (tx) => {
      await lockSends(tx);
      if (phone && !confirms && !(await isConfirmed(tx, account, phone.number))) throw badPhone();
      const leave = await judgeSend(tx, settings.codes, keys, nowMs);
      if (!leave.allowed) return leave;
      const send = { ...keys, id: newId('snd', nowMs), at_ms: nowMs, used_at_ms: null };
      await putCode(tx, send, {
        flow,
        account,
        channel,
        code_hash: codeHash(flow, channel, code),
        phone: phone && confirms ? phone.number : null,
        send_id: send.id,
        tries: 0,
        expires_at_ms: nowMs + settings.codes.life,
        used_at_ms: null,
      });
      return leave;
    });
  }

  async function deliver(given: Send, phone: Phone | undefined, code: string): Promise<void> {
    if (!phone) {
      ports.notices.send({ kind: 'code', to: given.to, locale: given.locale, values: { code } });
      return;
    }
    const { product, host } = settings;
    const text = messageOf({ code, product, host, lifeMs: settings.codes.life, locale: given.locale });
    try {
      await ports.sms.send(phone.number, text);
    } catch (cause) {
      reportSend(ports, given, 'SMS_FAILED', { reason: 'not-sent', country: phone.country });
      const message = 'The message could not be sent. Try again, or use another way.';
      throw new AppError(message, 503, 'SMS_NOT_SENT', { cause });
    }
  }

  return {
    async send(given) {
      if (given.flow.length > MAX_FLOW) throw new ValidationError();
      const nowMs = ports.clock.now();
      const phone = given.channel === 'sms' ? readPhone(given.to, settings) : undefined;
      const keys = keysOf(given, phone);
      // Uniform: randomInt draws again instead of folding what lies beyond the last whole million.
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      const leave = await reserve(given, keys, phone, code, nowMs);
      if (!leave.allowed) {
        if (leave.pumping !== undefined && tellsNow(leave.pumping, keys, nowMs)) {
          reportSend(ports, given, 'SMS_PUMPING', { pattern: leave.pumping, country: keys.country ?? '' });
        }
        const seconds = Math.max(1, Math.ceil(leave.retryAfterMs / 1_000));
        throw new RateLimitError(seconds, 'Too many codes were sent. Wait, or use another way.');
      }
      await deliver(given, phone, code);
      if (phone) reportSend(ports, given, 'SMS_SENT', { country: phone.country });
      else reportSend(ports, given, 'EMAIL_CODE_SENT');
      return { expiresAtMs: nowMs + settings.codes.life };
    },

    async verify(tx, flow, text, nowMs) {
      const code = readCode(text);
      const row = await countTry(tx, flow, nowMs);
      if (!row) return faultOf(tx, flow, nowMs, ports);
      const digest = code === undefined ? '' : codeHash(flow, row.channel, code);
      if (!equalTexts(digest, row.code_hash)) {
        reportCode(ports, row, row.channel === 'sms' ? 'SMS_FAILED' : 'EMAIL_CODE_FAILED', 'wrong');
        return 'wrong';
      }
      await useUp(tx, row, nowMs);
      if (row.phone !== null) await confirmPhone(tx, row.account, row.phone, nowMs);
      if (row.channel === 'sms') reportCode(ports, row, 'SMS_SUCCESS');
      return 'ok';
    },
  };
}

function readPhone(text: string, settings: FactorSettings): Phone {
  const phone = normalizePhone(text, settings.codes.defaultCountry);
  if (!phone) throw badPhone();
  if (isAllowedPhone(phone, settings.codes.countries)) return phone;
  const message = 'Messages are not sent to that country.';
  throw new ValidationError(message, { details: [{ field: 'phone', message, code: 'PHONE_NOT_ALLOWED' }] });
}

function badPhone(): ValidationError {
  const message = 'This is not a number of a mobile telephone; write it as +49 151 23456789.';
  return new ValidationError(message, { details: [{ field: 'phone', message, code: 'PHONE_INVALID' }] });
}

/** Why there was nothing to compare with. A code that was tried too often counts as used. */
async function faultOf(tx: SqlRunner, flow: string, nowMs: number, ports: FactorPorts): Promise<FactorFault> {
  const row = await findCode(tx, flow);
  if (!row) return 'none';
  const fault = row.used_at_ms === null && row.expires_at_ms <= nowMs ? 'expired' : 'used';
  if (row.channel === 'email') reportCode(ports, row, 'EMAIL_CODE_FAILED', fault);
  else reportCode(ports, row, fault === 'expired' ? 'SMS_EXPIRED' : 'SMS_FAILED', fault);
  return fault;
}
