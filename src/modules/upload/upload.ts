import type { ReceivedUpload } from '../../core/intake.ts';
import { OptionsError } from '../../core/errors.ts';
import { newId } from '../../core/id.ts';
import { refusedAs, UploadRefused } from './errors.ts';
import { Infected, judge, type Judged } from './judge.ts';
import { type ReadUploadOptions, readUploadOptions, type UploadOptions } from './options.ts';
import { Turns, type UploadPorts, type UploadRow } from './ports.ts';
import { type Arriving, fromStore } from './receive/arrive.ts';
import { type IncomingBody, receive } from './receive/receive.ts';
import { baseOf, infectedRow, judgedRow, receivedFile, refusedRow, type Sender } from './rows.ts';
import { rescan, type Rescanned } from './rescan.ts';
import { clamd } from './scan/clamd.ts';
import type { Scanner } from './scan/scanner.ts';

/** One kind of upload. */
export interface Uploader {
  readonly name: string;
  readonly options: ReadUploadOptions;
  /**
   * Receives a request's files: all of them, or none.
   * Rejects with UploadRefused (an AppError of 400, 408, 413, 415, 422 or 503), or with what the body's stream fails with.
   */
  receive(incoming: IncomingBody, sender: Sender): Promise<ReceivedUpload>;
  /** Scans what is held, oldest first. @param atMost files of one call */
  rescan(atMost: number): Promise<Rescanned>;
}

/** Files that are looked through at the same time, where nothing else is said: each may be read whole. */
const AT_ONCE = 2;

/**
 * Makes one kind of upload. Files stream to the store under the options' limits; their type is told by their content; what
 * is not on the list, not what it claims, or more than it seems is refused, and nothing of it is left behind.
 * @throws OptionsError naming the path and the reason
 */
export function upload(name: string, options: UploadOptions, ports: UploadPorts): Uploader {
  const read = readUploadOptions(name, options);
  if (read.images.reencode && ports.reencode === undefined)
    throw new OptionsError(`uploads.${name}.images.reencode`, 'needs what writes pictures: sharpReencode()');
  return new Uploads(name, read, ports);
}

class Uploads implements Uploader {
  readonly name: string;
  readonly options: ReadUploadOptions;
  readonly #ports: UploadPorts;
  readonly #scanner: Scanner | undefined;
  readonly #turns: Turns;
  #active = 0;

  constructor(name: string, options: ReadUploadOptions, ports: UploadPorts) {
    this.name = name;
    this.options = options;
    this.#ports = ports;
    this.#scanner = ports.scanner ?? (options.scan && clamd(options.scan, ports));
    this.#turns = ports.turns ?? new Turns(AT_ONCE);
  }

  async receive(incoming: IncomingBody, sender: Sender): Promise<ReceivedUpload> {
    const arriving: Arriving = { files: [], staged: [], fields: new Map() };
    this.#active += 1;
    try {
      if (this.#active > this.options.maxConcurrent)
        throw refusedAs('busy', 'busy', 'As many uploads as are accepted are being received.', {
          maxConcurrent: this.options.maxConcurrent,
        });
      await receive(incoming, arriving, this.options, this.#ports);
      const judged: Judged[] = [];
      for (const file of arriving.files) judged.push(await this.#judge(file, arriving));
      const rows = await this.#keep(judged, sender);
      return {
        files: rows.map((row, at) => receivedFile(row, judged[at]?.arrived.field ?? '')),
        fields: Object.fromEntries(arriving.fields),
      };
    } catch (error) {
      if (error instanceof UploadRefused) await this.#refused(error, arriving, sender);
      throw error;
    } finally {
      this.#active -= 1;
      for (const staged of arriving.staged) await staged.discard().catch(() => undefined);
    }
  }

  #judge(file: Arriving['files'][number], arriving: Arriving): Promise<Judged> {
    const ports = { ...this.#ports, scanner: this.#scanner };
    return this.#turns.take(() => judge(file, this.options, ports, arriving));
  }

  /** Files first, then their rows: what crashes in between leaves files that nobody can reach. */
  async #keep(judged: readonly Judged[], sender: Sender): Promise<readonly UploadRow[]> {
    const { store, records, clock } = this.#ports;
    const rows: UploadRow[] = [];
    try {
      for (const one of judged) {
        const base = baseOf(newId('upl', clock.now()), this.name, sender, clock.now());
        await fromStore(one.staged.keep(one.zone, base.id));
        rows.push(judgedRow(base, one));
      }
      await fromStore(records.add(rows));
    } catch (error) {
      for (const { id, state } of rows) await store.remove(state as 'kept' | 'held', id).catch(() => false);
      throw error;
    }
    for (const row of rows) this.#tell(row.state === 'held' ? 'UPLOAD_HELD' : 'UPLOAD_ACCEPTED', row, sender);
    return rows;
  }

  /** Takes a refusal down; what goes wrong in that must not hide the refusal. */
  async #refused(refused: UploadRefused, { files }: Arriving, sender: Sender): Promise<void> {
    const { records, clock } = this.#ports;
    const base = baseOf(newId('upl', clock.now()), this.name, sender, clock.now());
    const isInfected = refused instanceof Infected;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const row = isInfected ? infectedRow(base, refused) : refusedRow(base, refused, bytes);
    const type =
      refused.refusal === 'store' ? 'UPLOAD_FAILED' : isInfected ? 'FILE_INFECTED' : 'UPLOAD_REFUSED';
    this.#tell(type, row, sender);
    try {
      if (isInfected) await refused.arrived.staged.keep('quarantine', row.id);
      await records.add([row]);
    } catch {
      this.#ports.events.emit('UPLOAD_FAILED', {
        subject: row.id,
        outcome: 'failure',
        details: { upload: this.name },
      });
    }
  }

  #tell(
    type: 'UPLOAD_ACCEPTED' | 'UPLOAD_HELD' | 'UPLOAD_REFUSED' | 'UPLOAD_FAILED' | 'FILE_INFECTED',
    row: UploadRow,
    { owner, address, route, decision }: Sender,
  ): void {
    const good = type === 'UPLOAD_ACCEPTED' || type === 'UPLOAD_HELD';
    this.#ports.events.emit(type, {
      subject: row.id,
      outcome: good ? 'success' : 'refused',
      ...(owner === null ? {} : { actor: owner }),
      ...(address === undefined ? {} : { address }),
      ...(route === undefined ? {} : { route }),
      ...(decision === undefined ? {} : { decision }),
      details: {
        upload: this.name,
        type: row.type,
        bytes: row.bytes,
        reason: row.reason,
        ...(row.signature === null ? {} : { signature: row.signature }),
      },
    });
  }

  rescan(atMost: number): Promise<Rescanned> {
    return rescan(this.name, atMost, { ...this.#ports, scanner: this.#scanner });
  }
}
