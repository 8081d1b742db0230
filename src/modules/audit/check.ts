import type { SqlRunner } from '../../ports/sql.ts';
import { bundleLines, type OnAuditProgress, readBundlePage, verifyBundle } from './bundle.ts';
import { keyText } from './note.ts';
import type { AuditPorts } from './ports.ts';
import type { AuditReport } from './verifier.ts';

/** What came of the last verification of the log where it lies. */
export interface AuditCheck {
  readonly atMs: number;
  readonly node: string;
  readonly ok: boolean;
  readonly events: number;
  readonly covered: number;
  readonly firstBad: number | null;
  /** What is wrong with it. */
  readonly problem: string | null;
}

/** How a verification goes about it. */
export interface CheckPace {
  /** Between two pages: lets others work. */
  readonly pause?: () => Promise<void>;
  readonly onProgress?: OnAuditProgress;
}

/** Verifies the log in the database against this node's key and file, notes what came of it, and tells when it is wrong. */
export async function verifyLive(
  ports: Pick<AuditPorts, 'sql' | 'signer' | 'file' | 'clock' | 'node' | 'events'>,
  { pause, onProgress }: CheckPace = {},
): Promise<AuditReport> {
  const { sql, signer, file, clock, node, events } = ports;
  const pages = async (from: number) => {
    await pause?.();
    return readBundlePage(sql, { from, payloads: true });
  };
  const report = await verifyBundle(
    bundleLines(pages, onProgress),
    [keyText('rampart/audit', signer.publicKey)],
    [file.read()],
  );
  const { ok, covered, firstBad, problems } = report;
  const problem = problems.find(({ index }) => index === firstBad)?.text ?? null;
  const check: AuditCheck = {
    atMs: clock.now(),
    node,
    ok,
    events: report.events,
    covered,
    firstBad,
    problem,
  };
  await sql.query('UPDATE rampart.audit_log SET verified = $1::text::jsonb', [JSON.stringify(check)]);
  if (!ok) events.emit('AUDIT_LOG_TAMPERED', { outcome: 'failure', details: { firstBad, problem } });
  return report;
}

/** The last verification; null where there was none. */
export async function readCheck(sql: SqlRunner): Promise<AuditCheck | null> {
  const { rows } = await sql.query('SELECT verified FROM rampart.audit_log');
  return (rows[0]?.['verified'] as AuditCheck | null | undefined) ?? null;
}
