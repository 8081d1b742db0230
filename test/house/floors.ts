import { isBuiltin } from 'node:module';
import type { ImportLine, Parsed } from './parse.ts';
import { isTest } from './sources.ts';

/** Where a file stands: its floor, and on floors with rooms which one. */
export interface Place {
  readonly floor: 'core' | 'ports' | 'stores' | 'base' | 'modules' | 'adapters' | 'testing' | 'top';
  readonly room: string;
}

/** Floors that each floor may look at beside itself; `top` is the server, its doors and the kernel's door. */
const BELOW: Readonly<Record<Place['floor'], readonly Place['floor'][]>> = {
  core: [],
  ports: ['core'],
  stores: ['core', 'ports'],
  base: ['core', 'ports'],
  modules: ['core', 'ports', 'base'],
  adapters: ['core'],
  testing: ['core', 'ports'],
  top: ['core', 'ports', 'stores', 'base', 'modules', 'adapters'],
};

/** Floors whose rooms must not look into each other. `base` rooms may, through their doors. */
const CLOSED_ROOMS = new Set<Place['floor']>(['modules', 'adapters']);

/** @returns `undefined` for files outside src */
export function placeOf(path: string): Place | undefined {
  const parts = path.split('/');
  if (parts[0] !== 'src') return undefined;
  const floor = parts[1] ?? '';
  const room = parts.length > 3 ? (parts[2] as string) : '';
  if (floor === 'server' || floor === 'doors' || parts.length === 2) return { floor: 'top', room: '' };
  if (Object.hasOwn(BELOW, floor) && floor !== 'top') return { floor: floor as Place['floor'], room };
  throw new Error(`${path} stands on no floor of the house`);
}

/** Pages that say what the API takes and answers. */
const API_TYPES = new Set(
  [
    'types',
    'auth-types',
    'user-types',
    'access-types',
    'query-types',
    'key-types',
    'upload-types',
    'shield-types',
    'feed-types',
    'event-types',
    'audit-types',
    'detect-types',
    'alert-types',
    'response-types',
    'security-types',
    'sink-types',
  ].map((name) => `src/server/api/${name}.ts`),
);

/** What package.json allows a shipped file to load. */
export interface Packages {
  /** Installed with the package: may be imported anywhere above core and ports. */
  readonly dependencies: ReadonlySet<string>;
}

/** Everything in `file` that breaks a floor, one sentence each. */
export function floorViolations(file: Parsed, packages: Packages): readonly string[] {
  const place = placeOf(file.path);
  if (!place) return [];
  return file.imports.flatMap((line) => {
    const reason =
      line.target === undefined ? packageReason(place, line, packages) : houseReason(place, line.target);
    return reason === undefined ? [] : [`${file.path} imports ${line.specifier}: ${reason}`];
  });
}

function houseReason(from: Place, target: string): string | undefined {
  const to = placeOf(target);
  if (!to) return 'it lies outside src';
  if (isTest(target)) return 'it is a test';
  if (to.floor === from.floor) {
    if (to.room === from.room || from.room === '' || to.room === '') return undefined;
    if (CLOSED_ROOMS.has(from.floor)) return `${from.floor} never import each other`;
    return from.floor === 'base' ? doorReason(target) : undefined;
  }
  if (!BELOW[from.floor].includes(to.floor)) return `${from.floor} must not know ${to.floor}`;
  return to.floor === 'base' && from.floor === 'modules' ? doorReason(target) : undefined;
}

function doorReason(target: string): string | undefined {
  return target.endsWith('/index.ts') ? undefined : 'base is entered through its doors';
}

function packageReason(from: Place, line: ImportLine, packages: Packages): string | undefined {
  const { specifier, kind } = line;
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? undefined : `write node:${specifier}`;
  if (kind === 'type' || from.floor === 'testing') return undefined;
  if (from.floor === 'core' || from.floor === 'ports') return `${from.floor} stands on Node.js alone`;
  if (from.floor === 'adapters') return 'adapters name frameworks by type only';
  if (kind === 'dynamic') return undefined;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return packages.dependencies.has(name) ? undefined : 'no dependency; optional packages come by import()';
}

/** Doors of modules and adapters hand out names, one by one. */
export function doorViolations(file: Parsed): readonly string[] {
  const found = file.hasDefaultExport ? [`${file.path} has a default export`] : [];
  const isDoor = /^src\/(modules|adapters|base)\/[^/]+\/index\.ts$|^src\/doors\//.test(file.path);
  if (isDoor && file.exportsAll) found.push(`${file.path} is a door and exports everything of a file`);
  return found;
}

/** Circles of files that load each other, each as `a → b → a`. */
export function circles(files: readonly Parsed[]): readonly string[] {
  const loads = new Map(
    files.map((file) => [
      file.path,
      file.imports.filter((line) => line.kind === 'static').flatMap((line) => line.target ?? []),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(path);
    if (seen >= 0) {
      found.push([...trail.slice(seen), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of loads.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of loads.keys()) walk(path, []);
  return found;
}

/** The console knows the server by the types of its API alone. */
export function consoleViolations(file: Parsed): readonly string[] {
  // Its tests are not shipped, and may hold it against what the server really says.
  if (isTest(file.path)) return [];
  return file.imports.flatMap((line) => {
    if (line.target === undefined || line.target.startsWith('console/')) return [];
    if (line.kind === 'type' && API_TYPES.has(line.target ?? '')) return [];
    return [
      `${file.path} imports ${line.specifier}: the console takes only types of the API: ${[...API_TYPES].join(', ')}`,
    ];
  });
}
