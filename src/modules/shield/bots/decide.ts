import type { Decider } from '../../../core/decide.ts';
import { challenge, deny, pass, type Reason, type Refusal } from '../../../core/verdict.ts';
import type { BotClassName, BotPolicy } from './options.ts';
import type { Finding } from './verify.ts';

/** What is known of a caller. */
export interface BotFeatures {
  readonly class: BotClassName;
  /** Id of the good bot that it names; null where it names none. */
  readonly bot: string | null;
  /** What the finding stands on; null where nothing was claimed. */
  readonly by: Finding['by'] | null;
  /** It has solved a challenge. */
  readonly cleared: boolean;
  /** Seconds until its class has room again; 0 where it has, or is not limited. */
  readonly waitSeconds: number;
}

const DETECTED: Refusal = {
  status: 403,
  code: 'BOT_DETECTED',
  message: 'Automated requests are not accepted here.',
};
const PROVE: Refusal = {
  status: 403,
  code: 'CHALLENGE_REQUIRED',
  message: 'Show first that a browser, or patience, stands behind this request.',
};

/** What is done about a caller's class. */
export const botDecider: Decider<BotFeatures, BotPolicy> = {
  name: 'shield.bots',
  version: 1,
  decide(features, policy) {
    const action = policy[features.class];
    const because = reasonOf(features, action);
    if (action === 'deny') return deny(DETECTED, { ...because, remedy: remedyOf(features) });
    if (action === 'challenge' && !features.cleared)
      return challenge(PROVE, { ...because, remedy: { do: 'change', what: 'Solve the challenge.' } });
    if (action === 'limit' && features.waitSeconds > 0) {
      const seconds = features.waitSeconds;
      const refusal: Refusal = {
        status: 429,
        code: 'RATE_LIMIT_EXCEEDED',
        message: `Too many requests. Try again in ${seconds} s.`,
        headers: ['retry-after', String(seconds)],
        details: { retryAfterSeconds: seconds },
      };
      return deny(refusal, { ...because, remedy: { do: 'wait', seconds } });
    }
    return pass(because);
  },
};

const WORDS: Readonly<Record<BotClassName, string>> = {
  verified: 'A good bot that was proven to be the one it names.',
  unverified: 'It names a good bot, and nobody could tell yet whether it is.',
  impostor: 'It names a good bot and is none.',
  tool: 'A program that is no browser.',
  headless: 'A browser without a window.',
  crawler: 'A bot that says so.',
  human: 'It looks like a browser of a person.',
};

function reasonOf(features: BotFeatures, action: string): Reason {
  return {
    code: `bots.${features.class}`,
    text: WORDS[features.class],
    values: { ...features, action },
  };
}

function remedyOf({ class: name }: BotFeatures): NonNullable<Reason['remedy']> {
  return name === 'impostor'
    ? { do: 'change', what: "Send the program's own name as User-Agent." }
    : { do: 'ask', whom: 'whoever runs this site', what: 'to let this program in' };
}
