/**
 * node bench/waf/evaluate.ts [--misses N] [--part dev|held-out] [--by class|source] SET.jsonl[.gz] …: what inspection catches and
 * what it refuses of honest requests, in one table, as Markdown.
 */
import { parseArgs } from 'node:util';
import { Engine, type SetRequest } from './engine.ts';
import { isHeldOut, readSet } from './sets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    misses: { type: 'string', default: '0' },
    part: { type: 'string' },
    by: { type: 'string', default: 'class' },
    label: { type: 'string' },
    like: { type: 'string' },
  },
});
const engine = new Engine();
const rows = new Map<string, [all: number, refused: number, looked: number]>();
const misses: string[] = [];
const like = values.like === undefined ? undefined : new RegExp(values.like);

for (const path of positionals) {
  for await (const request of readSet(path)) {
    if (values.part !== undefined && isHeldOut(request) !== (values.part === 'held-out')) continue;
    if (values.label !== undefined && request.label !== values.label) continue;
    if (like !== undefined && !like.test(`${request.class} ${request.source}`)) continue;
    take(request);
  }
}

function take(request: SetRequest): void {
  const { refused, score, features } = engine.judge(request);
  for (const key of [
    `${request.label} | ${values.by === 'source' ? request.source : request.class}`,
    `${request.label} | all`,
  ]) {
    const row = rows.get(key) ?? [0, 0, 0];
    row[0]++;
    if (refused) row[1]++;
    if (features.findings.length > 0 || features.problem !== null) row[2]++;
    rows.set(key, row);
  }
  if (refused !== (request.label === 'attack') && misses.length < Number(values.misses)) {
    const rules = features.findings
      .map((one) => `${one.rule}:${one.weight}@${one.place}${one.soft ? '~' : ''}`)
      .join(' ');
    const text = `${request.method} ${request.path} ${request.body ?? ''}`.replaceAll(/\s+/g, ' ');
    misses.push(
      `${request.id} ${request.class} ${request.source} ${score.toFixed(1)} ${features.problem ?? ''} [${rules}] ${text.slice(0, 300)}`,
    );
  }
}

process.stdout.write(
  '| label | class | requests | refused | share | with signals |\n| --- | --- | --: | --: | --: | --: |\n',
);
for (const [key, [all, refused, looked]] of [...rows].toSorted(([a], [b]) => a.localeCompare(b)))
  process.stdout.write(
    `| ${key} | ${all} | ${refused} | ${((100 * refused) / all).toFixed(2)} % | ${looked} |\n`,
  );
if (misses.length > 0) process.stdout.write(`\n${misses.join('\n')}\n`);
