import { type Finding, scoreOf } from './decide.ts';
import { DETECTORS } from './detect/index.ts';
import { scanJson } from './extract/json.ts';
import type { Problem, ValueSink } from './extract/sink.ts';
import type { Visit } from './exclusions.ts';
import { type FieldVerdict, judgeField, shownName } from './fields.ts';
import { eachForm } from './forms/forms.ts';
import { gate } from './gate/gate.ts';
import type { Policy } from './policy.ts';
import { LastRead, stepOfRepetition } from './repeated.ts';
import type { Detector, FieldKind, Place, Signal, Signals, Where } from './types.ts';

/** A longer value is looked at piece by piece, as far as the pieces get past the gate. */
const WINDOW = 4_096;
/** Characters that two pieces share, so that nothing hides on their border. */
const OVERLAP = 256;
/** To ask all detectors costs as much as so many characters, however short the value is. */
const LEAST_WORK = 8;
/** Findings that are kept of a request. */
const MAX_FINDINGS = 64;
/** JSON within a value, and within that. */
const MAX_NESTED = 2;
const NOWHERE: Visit = { path: '/', request: { method: 'GET', target: '/' } };

/** Takes the suspicious values of one request and asks the detectors about them, within bounds. */
export class Inspector implements ValueSink, Signals {
  findings: Finding[] = [];
  wrong: Problem | null = null;
  /** Field that has the problem. */
  field = '';
  /** Whether any detector was asked. */
  asked = false;
  /** Whether a live exclusion left something out. */
  leftOut = false;
  readonly #detectors: readonly Detector[];
  #policy: Policy;
  #visit = NOWHERE;
  #work = 0;
  /** Of fields that can't refuse alone: they take nothing from the others. */
  #softWork = 0;
  #nested = 0;
  readonly #lastRead = new LastRead();
  #where: Where = { place: 'path', name: '' };
  #soft = false;
  #form = '';
  #enough = false;

  constructor(policy: Policy, detectors: readonly Detector[] = DETECTORS) {
    this.#policy = policy;
    this.#detectors = detectors;
  }

  /** Starts anew with what is known of the request so far. */
  start(policy: Policy, known: readonly Finding[], visit: Visit = NOWHERE): void {
    this.#policy = policy;
    this.#visit = visit;
    this.leftOut = false;
    if (this.findings.length > 0 || known.length > 0) this.findings = [...known];
    this.wrong = null;
    this.field = '';
    this.asked = false;
    this.#work = 0;
    this.#softWork = 0;
    this.#nested = 0;
    this.#lastRead.clear();
    this.#enough = false;
  }

  /** Whether what was found refuses the request. */
  get isDone(): boolean {
    return this.#enough || this.wrong !== null;
  }

  problem(problem: Problem): void {
    this.wrong ??= problem;
  }

  suspect(value: string, place: Place, name: string): void {
    if (this.#enough || this.wrong !== null) return;
    const kind = place === 'name' ? undefined : this.#known(value, place, name);
    if (kind === 'fits') return;
    if (kind === 'misfit') {
      this.field = shownName(name);
      this.wrong = 'wrong-type';
      return;
    }
    // One sign says nothing to any detector, and a body may hold a great many of them.
    if (value.length === 1 && isSign(value.charCodeAt(0))) return;
    this.asked = true;
    const where = kind === undefined ? { place, name } : { place, name, kind };
    this.#where = where;
    this.#soft = isSoft(kind);
    const again = this.#lastRead.workOf(value, where);
    if (again > 0) {
      this.#mayWork(again);
      return;
    }
    const before = this.#allWork;
    this.#pieces(value);
    this.#lastRead.add(value, where, this.#allWork - before);
  }

  get #allWork(): number {
    return this.#work + this.#softWork;
  }

  #known(value: string, place: Place, name: string): FieldVerdict {
    const { fields, known } = this.#policy;
    return judgeField(fields, name, value, known?.of(place, name));
  }

  #pieces(value: string): void {
    if (value.length <= WINDOW + OVERLAP) {
      this.#look(value);
      return;
    }
    let step = WINDOW;
    for (let from = 0; from < value.length && !this.#enough && this.wrong === null; from += step) {
      const to = Math.min(value.length, from + WINDOW + OVERLAP);
      const before = this.#allWork;
      if (gate(value, from, to)) this.#look(value.slice(from, to));
      step = this.#again(value, from, to - from, this.#allWork - before);
    }
  }

  /**
   * Goes by pieces that are the same as the one at `from`: read again they would say nothing new. They count as read.
   * @returns how far the next piece is
   */
  #again(value: string, from: number, length: number, work: number): number {
    let at = from;
    while (!this.#enough && this.wrong === null) {
      const step = stepOfRepetition(value, at, length, WINDOW - OVERLAP, WINDOW);
      if (step === 0) break;
      at += step;
      if (work > 0) this.#mayWork(Math.ceil((work * step) / WINDOW));
    }
    return at - from + WINDOW;
  }

  #look(value: string): void {
    eachForm(value, (form) => {
      if (!this.#mayRead(form.length)) return false;
      if (this.#isJson(form)) {
        this.#json(form);
        return !this.#enough;
      }
      this.#form = form;
      for (const { detect } of this.#detectors) detect(form, this.#where, this);
      return !this.#enough;
    });
  }

  /** Whether there is work left for so many characters. What can't refuse alone need not be read to its end. */
  #mayRead(length: number): boolean {
    return this.#mayWork(Math.max(length, LEAST_WORK));
  }

  #mayWork(work: number): boolean {
    const { maxWork } = this.#policy.options;
    if (this.#soft) return (this.#softWork += work) <= maxWork;
    this.#work += work;
    if (this.#work > maxWork) this.problem('too-much-suspicious');
    return this.#work <= maxWork;
  }

  /** Whether a reading is a JSON text, whose strings are what counts. */
  #isJson(form: string): boolean {
    if (this.#nested >= MAX_NESTED || !mayHoldJson(form, this.#where.place)) return false;
    try {
      JSON.parse(form);
      return true;
    } catch {
      return false;
    }
  }

  #json(text: string): void {
    const where = this.#where;
    const soft = this.#soft;
    this.#nested++;
    scanJson(text, this.#policy.options, where, this);
    this.#nested--;
    this.#where = where;
    this.#soft = soft;
  }

  add(signal: Signal): void {
    const { place, name } = this.#where;
    if (this.#policy.excludes(signal, name) || this.findings.length >= MAX_FINDINGS) return;
    if (this.#policy.live.acting.some((one) => one.covers(signal, name, this.#visit))) {
      this.leftOut = true;
      return;
    }
    const soft = this.#soft;
    const known = this.findings.some(
      (one) =>
        one.rule === signal.rule && one.place === place && one.soft === soft && one.weight >= signal.weight,
    );
    if (known) return;
    const { excerpt, threshold } = this.#policy.options;
    this.findings.push({
      rule: signal.rule,
      class: signal.class,
      weight: signal.weight,
      place,
      name: shownName(name),
      soft,
      ...(excerpt === 0 ? {} : { excerpt: masked(this.#form, excerpt) }),
    });
    this.#enough = scoreOf(this.findings, threshold) >= threshold;
  }
}

function isSign(code: number): boolean {
  return code > 32 && code < 127;
}

function isSoft(kind: FieldVerdict): kind is FieldKind {
  return kind === 'html' || kind === 'code' || kind === 'secret';
}

function mayHoldJson(value: string, place: Place): boolean {
  if (place === 'name' || place === 'path') return false;
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(value.length - 1);
  return (first === 123 && last === 125) || (first === 91 && last === 93);
}

/** Shows the shape of a value: letters and digits are masked. */
function masked(value: string, most: number): string {
  return value
    .slice(0, most)
    .replaceAll(/\p{L}/gu, 'a')
    .replaceAll(/\p{N}/gu, '0')
    .replaceAll(/[^\x20-\x7e]/g, '?');
}
