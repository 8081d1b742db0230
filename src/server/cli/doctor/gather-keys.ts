import { systemClock, systemTimers } from '../../../core/clock.ts';
import { OptionsError, RampartError } from '../../../core/errors.ts';
import { openServer } from '../../../stores/postgres/index.ts';
import { openDataDir } from '../../data-dir.ts';
import type { ServerEnvironment } from '../../environment.ts';
import { keyFindings } from '../../keys/findings.ts';
import { composeKeys } from '../../keys/open.ts';
import { wrappersOf } from '../../keys/wrapper.ts';
import { type Finding, problem } from './finding.ts';

/** The keys of a database: how many, and what is to be said about them. */
export interface KeyFacts {
  readonly count: number;
  readonly findings: readonly Finding[];
}

/** Reads and unwraps the keys as a start would, and makes none; null where there is no server or no table yet. */
export async function gatherKeys(environment: ServerEnvironment, nowMs: number): Promise<KeyFacts | null> {
  const { databaseUrl, dataDir, secret } = environment;
  if (databaseUrl === undefined) return null;
  try {
    const sql = await openServer({ url: databaseUrl, max: 1, connectLimit: '3s' });
    try {
      const { rows } = await sql.query("SELECT to_regclass('rampart.keys') IS NOT NULL AS there");
      if (rows[0]?.['there'] !== true) return null;
      const own = openDataDir(dataDir, secret).secret;
      const { store } = composeKeys({
        sql,
        clock: systemClock,
        timers: systemTimers,
        secret: own,
        wrappers: wrappersOf(environment.wrapping, own),
        encrypted: {},
        node: 'doctor',
        log: { warn: () => undefined, error: () => undefined },
        write: () => Promise.resolve(),
      });
      const keys = await store.list();
      return { count: keys.length, findings: keyFindings(keys, nowMs, store.wrapper) };
    } finally {
      await sql.close();
    }
  } catch (error) {
    // A database that is away is told by its own check.
    if (error instanceof RampartError) return null;
    if (error instanceof OptionsError)
      return { count: 0, findings: [problem(error.message, 'Mend that variable.')] };
    throw error;
  }
}
