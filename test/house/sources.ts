import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '..', '..');

/** A file of the house, or one that a test made up. */
export interface Source {
  /** Path from the repository's root with `/`, such as `src/core/errors.ts`. */
  readonly path: string;
  readonly text: string;
}

const SKIPPED = new Set(['node_modules', 'dist', '.cache']);

/** All files under a folder whose names fit, sorted; none where the folder does not exist. */
export function readSources(folder: string, fits: RegExp): readonly Source[] {
  const found: Source[] = [];
  const visit = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) visit(path);
      } else if (fits.test(entry.name)) {
        found.push({ path: relative(ROOT, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') });
      }
    }
  };
  if (existsSync(join(ROOT, folder))) visit(join(ROOT, folder));
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a file is a test (`x.test.ts`, `x.slow.test.tsx`) or stands beside tests to help them (`test-house.ts`). */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$|\/test-[^/]+\.tsx?$/.test(path);
}

/** Names of the folders directly under a folder that hold a door (`index.ts`). */
export function foldersWithDoor(folder: string): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, folder, entry.name, 'index.ts')))
    .map((entry) => entry.name)
    .toSorted();
}
