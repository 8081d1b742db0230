import { scanBody } from '../../src/modules/shield/inspect/extract/body.ts';
import { Inspector } from '../../src/modules/shield/inspect/inspector.ts';
import { readInspection } from '../../src/modules/shield/inspect/options.ts';
import { compilePolicy } from '../../src/modules/shield/inspect/policy.ts';
import { PUMPED_BODIES, PUMPS } from '../../src/modules/shield/inspect/test-pumps.ts';
import { EXAMPLES } from '../../src/modules/shield/inspect/detect/examples/test-all.ts';
import { type BenchRow, shorten } from '../lib/result.ts';

/** As shipped, but for the threshold: nothing is refused before all of it was read. */
const POLICY = compilePolicy(readInspection({ threshold: 100 }));
const SIGNS = ` '"<>&|;$%\`(){}[]/\\.,:=#*+-?!@^~_0a\n`.split('');
const SHORT = 100_000;
const LONG = 1_000_000;
/** Only the dearest are measured at full length. */
const DEAREST = 20;

interface Pumped {
  readonly pump: string;
  readonly type: string;
  readonly wrap: (pumped: string) => string;
}

/** What is repeated: single characters and every pair of signs, what is known to be dear, and every rule's own attack. */
function pumps(): readonly string[] {
  const pairs = SIGNS.flatMap((one) => SIGNS.map((other) => one + other));
  return [...new Set([...SIGNS, ...pairs, ...PUMPS, ...[...EXAMPLES.values()].map(({ attack }) => attack)])];
}

function cpuMs({ pump, type, wrap }: Pumped, length: number): number {
  const bytes = Buffer.from(wrap(pump.repeat(Math.ceil(length / pump.length))).slice(0, length + 40));
  const inspector = new Inspector(POLICY);
  inspector.start(POLICY, []);
  const before = process.cpuUsage();
  const scan = scanBody({ type, encoding: undefined, target: '/' }, POLICY.options, inspector);
  if (!scan.write(bytes) || inspector.wrong === null) scan.end();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** The least of three: what disturbs only adds. */
function leastMs(one: Pumped, length: number): number {
  return Math.min(cpuMs(one, length), cpuMs(one, length), cpuMs(one, length));
}

function worst(all: readonly Pumped[], length: number): (readonly [Pumped, number])[] {
  return all
    .map((one): readonly [Pumped, number] => [one, leastMs(one, length)])
    .toSorted(([, a], [, b]) => b - a);
}

/** The dearest bodies that repeat one thing, of 100 KB and of 1 MB. */
export function worstPumps(): readonly BenchRow[] {
  const all = pumps().flatMap((pump) => PUMPED_BODIES.map(([type, wrap]): Pumped => ({ pump, type, wrap })));
  const short = worst(all, SHORT);
  const long = worst(
    short.slice(0, DEAREST).map(([one]) => one),
    LONG,
  );
  return [rowFor(short, SHORT, all.length), rowFor(long, LONG, DEAREST)];
}

function rowFor(sorted: readonly (readonly [Pumped, number])[], length: number, of: number): BenchRow {
  const [[dearest, ms]] = sorted as [readonly [Pumped, number]];
  const what = `${JSON.stringify(dearest.pump)} as ${dearest.type.split(';')[0]}`;
  return {
    case: `worst of ${of} bodies of ${length / 1_000} KB (${what}): CPU`,
    unit: 'ms',
    rampart: shorten(ms),
    peers: {},
    limit: null,
    ratio: 0,
  };
}
