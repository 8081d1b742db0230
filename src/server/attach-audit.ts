import { join } from 'node:path';
import type { Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import { RampartError } from '../core/errors.ts';
import type { AuditOptions } from '../modules/audit/options.ts';
import { type LineFile, openLines } from '../stores/file/lines.ts';
import type { AttachOptions } from './attach.ts';
import type { Kept } from './attach-stores.ts';
import { applicationFolder } from './attach-ground.ts';
import { auditSigner, openAudit, type OpenedAudit } from './audit/open.ts';
import { readEnvironment } from './environment.ts';
import type { House } from './house.ts';

/** What the audit log inside an application stands on. */
export interface AttachedAuditParts {
  readonly house: Pick<House, 'node' | 'events'>;
  readonly log: Logger;
  readonly options: AttachOptions;
  readonly ground: Pick<Kept, 'sql' | 'stores'>;
  readonly audit: AuditOptions;
  readonly closers: (() => Promise<void>)[];
}

const MAX_SLOTS = 64;

/** Keeps the audit log as a node of `rampart start` does; any number of both may do so on one database. */
export async function openAttachedAudit(parts: AttachedAuditParts): Promise<OpenedAudit> {
  const { house, log, options, ground, closers } = parts;
  const { checkpoints, secret } = applicationFolder(options);
  const file = await openFreeLines(checkpoints);
  closers.push(() => file.close());
  const audit = openAudit({
    sql: ground.sql,
    clock: systemClock,
    timers: systemTimers,
    events: house.events,
    write: (tx, event) => ground.stores.events.write(tx, event),
    node: house.node,
    log,
    file,
    signer: auditSigner(secret, readEnvironment(process.env, false).auditKey),
    options: parts.audit,
  });
  audit.start();
  closers.push(() => audit.close());
  return audit;
}

/** Several processes of one application share a folder: each takes the first file that nobody holds. */
async function openFreeLines(folder: string): Promise<LineFile> {
  for (let slot = 1; slot <= MAX_SLOTS; slot++) {
    try {
      return await openLines(join(folder, `application-${slot}`), 'audit');
    } catch (error) {
      if (!(error instanceof RampartError && error.code === 'CHECKPOINTS_LOCKED')) throw error;
    }
  }
  throw new RampartError('CHECKPOINTS_LOCKED', `${MAX_SLOTS} processes hold all files of ${folder}.`);
}
