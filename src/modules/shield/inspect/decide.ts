import type { Decider } from '../../../core/decide.ts';
import { deny, pass, type Reason, type Refusal, type Verdict } from '../../../core/verdict.ts';
import type { Problem } from './extract/sink.ts';
import type { AttackClass, Place } from './types.ts';

/** A signal with the place where it was seen; never the value. */
export interface Finding {
  readonly rule: string;
  readonly class: AttackClass;
  readonly weight: number;
  readonly place: Place;
  /** Name of the parameter, header, cookie or key; shortened, without control characters. */
  readonly name: string;
  /** It stood in a field that holds HTML, code or a secret. */
  readonly soft: boolean;
  /** What was found, letters and digits masked, where the options allow it. */
  readonly excerpt?: string;
}

/** What inspection knows of a request. */
export interface InspectionFeatures {
  readonly findings: readonly Finding[];
  readonly problem: Problem | null;
  /** Field that has the problem, where one has it. */
  readonly field: string;
}

/** What counts on the route. */
export interface InspectionState {
  readonly threshold: number;
}

const BLOCKED: Refusal = {
  status: 403,
  code: 'REQUEST_BLOCKED',
  message: 'The request looks like an attack and was not let through.',
};
const UNREADABLE: Refusal = {
  status: 400,
  code: 'INVALID_REQUEST',
  message: 'The request is not of a shape that is accepted here.',
};
const TOO_LARGE: Refusal = {
  status: 413,
  code: 'PAYLOAD_TOO_LARGE',
  message: 'The request is larger than is accepted here.',
};
const ENCODED: Refusal = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message: 'This encoding of the body is not accepted here.',
};

interface ProblemWords {
  readonly refusal: Refusal;
  readonly text: string;
}

const PROBLEMS: Readonly<Record<Problem, ProblemWords>> = {
  'too-deep': { refusal: UNREADABLE, text: 'The body is nested deeper than `maxDepth`.' },
  'too-many-values': { refusal: UNREADABLE, text: 'The request has more values than `maxValues`.' },
  'too-much-suspicious': {
    refusal: TOO_LARGE,
    text: 'The request holds more suspicious text than `maxWork`, so that the rest would go unread.',
  },
  'too-large': {
    refusal: TOO_LARGE,
    text: 'The body is larger than `maxBodyBytes`, so that the rest would go unread.',
  },
  'bad-encoding': {
    refusal: ENCODED,
    text: 'The body is compressed or encoded in a way that can not be read.',
  },
  malformed: {
    refusal: UNREADABLE,
    text: 'The multipart body can be cut into parts in more than one way; it has to follow RFC 2046 and RFC 7578.',
  },
  'wrong-type': {
    refusal: UNREADABLE,
    text: 'A field holds something suspicious that is not of its declared type.',
  },
};

/** Score of findings: each rule counts once; fields that hold HTML, code or secrets give half the threshold at most. */
export function scoreOf(findings: readonly Finding[], threshold: number): number {
  let hard = 0;
  let soft = 0;
  for (let i = 0; i < findings.length; i++) {
    const one = findings[i] as Finding;
    if (heavierExists(findings, i)) continue;
    if (one.soft) soft += one.weight;
    else hard += one.weight;
  }
  return hard + Math.min(soft, threshold / 2);
}

/** Whether the same rule counts elsewhere: plainly rather than softly, and with its highest weight. */
function heavierExists(findings: readonly Finding[], at: number): boolean {
  const one = findings[at] as Finding;
  return findings.some((other, i) => {
    if (i === at || other.rule !== one.rule) return false;
    if (other.soft !== one.soft) return one.soft;
    return other.weight > one.weight || (other.weight === one.weight && i < at);
  });
}

/** Refuses what could not be read, and what scores as high as the threshold. */
export const inspectionDecider: Decider<InspectionFeatures, InspectionState> = {
  name: 'inspection',
  version: 1,
  decide(features, state): Verdict {
    if (features.problem !== null) return unreadable(features);
    const { findings } = features;
    const score = scoreOf(findings, state.threshold);
    const reason = reasonOf(findings, score, state.threshold);
    return score >= state.threshold ? deny(BLOCKED, reason) : pass(reason);
  },
};

function unreadable({ problem, field }: InspectionFeatures): Verdict {
  const { refusal, text } = PROBLEMS[problem as Problem];
  return deny(refusal, {
    code: `inspection.${(problem as string).replaceAll('-', '_')}`,
    text,
    ...(field === '' ? {} : { values: { field } }),
  });
}

/** Said to whoever looks the decision up: an answer to a client never holds it. */
const EXCLUSION = 'If this is a false alarm, draft an exclusion from this decision.';

function reasonOf(findings: readonly Finding[], score: number, threshold: number): Reason {
  const rounded = Math.round(score * 100) / 100;
  const classes = [...new Set(findings.map((one) => one.class))].join(', ');
  return {
    code: score >= threshold ? 'inspection.attack' : 'inspection.below',
    text:
      score >= threshold
        ? `The request scores ${rounded}, which is at or above ${threshold}: ${classes}.`
        : `The request scores ${rounded}, which is below ${threshold}.`,
    values: { score: rounded, threshold, classes },
    ...(score >= threshold ? { remedy: { do: 'change', what: EXCLUSION } as const } : {}),
    because: findings.map(reasonOfFinding),
  };
}

function reasonOfFinding(one: Finding): Reason {
  const where = one.name === '' ? `the ${one.place}` : `the ${one.place} '${one.name}'`;
  return {
    code: one.rule,
    text: `${one.rule} in ${where}${one.soft ? ', which holds such text by its kind' : ''}.`,
    values: {
      class: one.class,
      weight: one.weight,
      place: one.place,
      name: one.name,
      soft: one.soft,
      ...(one.excerpt === undefined ? {} : { excerpt: one.excerpt }),
    },
  };
}
