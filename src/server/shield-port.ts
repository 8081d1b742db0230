import { RouteTable, parsePattern } from '../core/route.ts';
import type { RouteRule } from '../core/corridor.ts';
import { type InspectionRouteOptions, type LiveExclusions, readInspection } from '../modules/shield/index.ts';
import type { ExclusionsAnswer, ShieldAnswer } from './api/shield-types.ts';
import type { ReadConfig } from './config.ts';
import type { House } from './house.ts';
import type { ShieldOptions, ShieldRouteOptions } from './shield.ts';

/** The shield as the console sees it. */
export interface ShieldPort extends Pick<ShieldAnswer, 'parts' | 'threshold'> {
  /** What the configuration leaves out of inspection by itself. */
  readonly configured: ExclusionsAnswer['configured'];
  /** Names of the shield's guards, as records have them. */
  readonly guards: readonly string[];
  /** What is left out while the house stands. */
  readonly exclusions: Pick<LiveExclusions, 'replace'>;
  posture(): ShieldAnswer['posture'];
  challenges(): ShieldAnswer['challenges'];
  /** Name of the corridor's route for a request of a record: the most specific rule that fits, `*` where none does. */
  planOf(method: string, path: string): string;
}

const PARTS = ['traffic', 'place', 'headers', 'bots', 'challenge', 'inspection'] as const;
const INSPECTION = 'inspection';

/** What the console is told of a house's shield. */
export function shieldPort({ config, shield, blocks }: House): ShieldPort {
  const modes = new Map(shield.guards.map(({ name, mode }) => [name, mode]));
  const plans = planTable(config.rules);
  return {
    parts: PARTS.map((name) => ({
      name,
      mode: modes.get(name === INSPECTION ? name : `shield.${name}`) ?? 'off',
    })),
    threshold: thresholdOf(config.shield),
    configured: configuredOf(config),
    guards: [blocks.guard.name, ...modes.keys()],
    exclusions: shield.exclusions,
    posture: () => shield.traffic?.posture() ?? null,
    challenges() {
      const counts = shield.challengeCounts?.();
      return counts === undefined
        ? null
        : { shown: counts.asked, solved: counts.solved, refused: counts.failed };
    },
    planOf: (method, path) => plans.find(method, path) ?? '*',
  };
}

function planTable(rules: readonly RouteRule[]): RouteTable<string> {
  const table = new RouteTable<string>();
  for (const { match } of rules) {
    const patterns = [match].flat();
    for (const text of patterns) {
      const pattern = parsePattern(text);
      if (pattern) table.add(pattern, patterns[0] as string);
    }
  }
  return table;
}

function thresholdOf(shield: ShieldOptions | false): number | null {
  if (shield === false || shield.inspection === false) return null;
  return readInspection(shield.inspection ?? {}).threshold;
}

function configuredOf({ shield, rules }: ReadConfig): ExclusionsAnswer['configured'] {
  if (shield === false || shield.inspection === false) return [];
  return [
    ...leftOut(null, shield.inspection ?? {}),
    ...rules.flatMap(({ match, settings }) => {
      const route = [match].flat()[0] ?? null;
      const own = settings['shield'] as ShieldRouteOptions | false | undefined;
      if (own === false || own?.inspection === false) return [{ route, field: null, rules: null }];
      return leftOut(route, own?.inspection ?? {});
    }),
  ];
}

function leftOut(
  route: string | null,
  { off = [], exclude = [] }: InspectionRouteOptions,
): ExclusionsAnswer['configured'] {
  return [
    ...(off.length === 0 ? [] : [{ route, field: null, rules: off }]),
    ...exclude.map(({ field = null, rules = null }) => ({ route, field, rules })),
  ];
}
