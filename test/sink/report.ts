import { ATTACKS } from './attacks.ts';
import { honestValues } from './honest.ts';
import { asLiterals, asParameters, tryAttacks } from './measure.ts';
import { readLists } from './outside.ts';

/**
 * Prints how many attacks the guard of statements catches and how often it is wrong. Lists of others are read where they
 * lie: `node test/sink/report.ts FOLDER…` or `RAMPART_SINK_LISTS=FOLDER:FOLDER`.
 */
const HONEST = 10_000;
const SHOWN = Number(process.env['SHOW'] ?? 5);

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`;
}

function attacks(name: string, list: readonly string[]): void {
  for (const warm of [false, true]) {
    const { reached, caught, alarms, missed } = tryAttacks(list, warm);
    console.log(
      `${name} (${warm ? 'statement known' : 'first statement'}): ${list.length} attacks, ${reached} statements changed, ` +
        `${caught} caught (${percent(caught, reached)}), ${missed.length} missed, ${alarms.length} unchanged ones refused`,
    );
    for (const line of missed.slice(0, SHOWN)) console.log(`  missed ${line}`);
    for (const line of alarms.slice(0, SHOWN)) console.log(`  needless ${line}`);
  }
}

attacks('own corpus', Object.values(ATTACKS).flat());
const outside = readLists([
  ...process.argv.slice(2),
  ...(process.env['RAMPART_SINK_LISTS']?.split(':') ?? []),
]);
for (const { name, attack } of outside) if (attack.length > 0) attacks(name, attack);

function honest(name: string, values: readonly string[]): void {
  for (const [how, { statements, alarms }] of [
    ['as parameters', asParameters(values)],
    ['quoted, statement known', asLiterals(values, true)],
    ['quoted, first statement', asLiterals(values, false)],
  ] as const) {
    console.log(
      `${name}, ${how}: ${values.length} values, ${statements} statements, ${alarms.length} false alarms`,
    );
    for (const line of alarms.slice(0, SHOWN)) console.log(`  alarm ${line}`);
  }
}

honest('honest values', honestValues(HONEST));
for (const { name, honest: values } of outside) if (values.length > 0) honest(name, values);
