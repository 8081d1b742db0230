import type { Decider } from '../../../core/decide.ts';
import { deny, pass, type Reason, type Scalar, type Verdict } from '../../../core/verdict.ts';
import type { HeaderFeatures } from './features.ts';
import type { ResolvedHeaderSanity } from './options.ts';

/** The part of the options by which is decided. */
export type HeaderPolicy = Omit<ResolvedHeaderSanity, 'mode' | 'probePaths'>;

/** What is wrong with a request's headers: for the operator, and for whoever sent it. */
interface Fault {
  readonly check: keyof HeaderPolicy;
  readonly text: string;
  /** What would mend it; told to the caller, too, because most of them wrote the program that sent it. */
  readonly remedy: string;
}

const AGENT: Fault = {
  check: 'userAgent',
  text: 'There is no User-Agent.',
  remedy: 'Send a User-Agent header.',
};
const ACCEPT: Fault = {
  check: 'accept',
  text: 'There is no Accept.',
  remedy: 'Send an Accept header; */* will do.',
};
const FRAMING: Fault = {
  check: 'framing',
  text: 'Content-Length and Transfer-Encoding are repeated, contradict each other, or cannot be read.',
  remedy: 'Send one Content-Length, or Transfer-Encoding: chunked.',
};
const HOST: Fault = {
  check: 'host',
  text: 'There is more than one Host, or it contradicts :authority.',
  remedy: 'Send one Host header.',
};
const CONTROL: Fault = {
  check: 'controlBytes',
  text: 'A header holds a control byte, or its name is none.',
  remedy: 'Send headers of printable characters.',
};
const COUNT: Fault = {
  check: 'maxHeaders',
  text: 'There are more headers than are accepted.',
  remedy: 'Send fewer headers.',
};
const ONE: Fault = {
  check: 'maxHeaderBytes',
  text: 'A header is longer than is accepted.',
  remedy: 'Send shorter headers; the longest is often Cookie.',
};
const ALL: Fault = {
  check: 'maxTotalBytes',
  text: 'All headers together are longer than is accepted.',
  remedy: 'Send fewer or shorter headers; the longest is often Cookie.',
};

/** The first thing that is wrong, the dangerous ones first; `undefined` when nothing is. */
export function faultOf(features: HeaderFeatures, policy: HeaderPolicy): Fault | undefined {
  if (policy.framing && isMisframed(features)) return FRAMING;
  if (policy.host && (features.hosts > 1 || features.hostConflict)) return HOST;
  if (policy.controlBytes && features.controlBytes) return CONTROL;
  if (features.headers > policy.maxHeaders) return COUNT;
  if (features.longestBytes > policy.maxHeaderBytes) return ONE;
  if (features.totalBytes > policy.maxTotalBytes) return ALL;
  if (features.probe) return undefined;
  if (policy.userAgent && !features.userAgent) return AGENT;
  if (policy.accept && !features.accept) return ACCEPT;
  return undefined;
}

/** Two readers may see two requests in it (RFC 9112 6.3, request smuggling). */
function isMisframed({ contentLengths, transferEncodings, oddFraming }: HeaderFeatures): boolean {
  return oddFraming || contentLengths + transferEncodings > 1;
}

/** Whether a request's headers are such as an honest client sends. */
export const headerDecider: Decider<HeaderFeatures, HeaderPolicy> = {
  name: 'shield.headers',
  version: 1,
  decide(features, policy): Verdict {
    const fault = faultOf(features, policy);
    if (fault === undefined)
      return pass({
        code: 'headers.sane',
        text: 'Nothing is odd about the headers.',
        values: plain(features),
      });
    const reason: Reason = {
      code: `headers.${fault.check}`,
      text: fault.text,
      values: { ...plain(features), bound: boundOf(fault, policy) },
      remedy: { do: 'change', what: fault.remedy },
    };
    return deny(
      {
        status: 400,
        code: 'INVALID_REQUEST',
        message: `The request's headers are not accepted. ${fault.remedy}`,
        details: { check: fault.check },
      },
      reason,
    );
  },
};

function plain(features: HeaderFeatures): Record<string, Scalar> {
  return { ...features };
}

function boundOf(fault: Fault, policy: HeaderPolicy): number | null {
  const bound = policy[fault.check];
  return typeof bound === 'number' ? bound : null;
}
