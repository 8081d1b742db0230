/** Made-up files for building the console. */
import type { UploadEntry, UploadState } from '../../src/server/api/upload-types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';
import { proofAsked } from './users.ts';

const MINUTE = 60_000;
const start = Date.now();
let made = 0;

function file(state: UploadState, ageMinutes: number, rest: Partial<UploadEntry>): UploadEntry {
  made += 1;
  return {
    id: `upl_${String(9_999 - made)}`,
    upload: 'papers',
    owner: 'user:usr_01h2x4m7',
    state,
    reason: null,
    signature: null,
    type: 'application/pdf',
    displayName: '',
    bytes: 0,
    sha256: state === 'refused' ? null : 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    flags: [],
    width: null,
    height: null,
    address: '203.0.113.7',
    decision: `dec_${made}`,
    atMs: start - ageMinutes * MINUTE,
    changedBy: null,
    changedAtMs: null,
    ...rest,
  };
}

let files: readonly UploadEntry[] = [
  file('kept', 1, {
    upload: 'avatar',
    type: 'image/webp',
    displayName: 'me at the sea.webp',
    bytes: 184_220,
    width: 1200,
    height: 900,
  }),
  file('infected', 4, {
    displayName: 'Rechnung_2026-11_bitte_sofort_bezahlen.pdf',
    bytes: 88_340,
    reason: 'upload.infected',
    signature: 'Pdf.Dropper.Agent-7001273-0',
  }),
  file('held', 6, { displayName: 'contract signed.pdf', bytes: 2_340_112, reason: 'upload.scanner' }),
  file('refused', 9, { type: 'text/html', reason: 'upload.type', bytes: 0 }),
  file('refused', 9, {
    upload: 'avatar',
    type: 'image/jpeg',
    reason: 'upload.polyglot',
    bytes: 31_044,
    owner: null,
    address: '198.51.100.23',
  }),
  file('kept', 42, { displayName: 'تقرير المشروع.pdf', bytes: 904_551 }),
  file('refused', 70, { type: 'application/zip', reason: 'upload.ratio', bytes: 42_374 }),
  file('kept', 95, {
    displayName: 'macro test.docx',
    type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    bytes: 18_220,
    signature: 'Doc.Macro.Test',
    changedBy: 'grace.hopper@example.org',
    changedAtMs: start - 30 * MINUTE,
  }),
  file('refused', 400, { upload: 'avatar', type: 'image/png', reason: 'upload.pixels', bytes: 7_120 }),
  file('kept', 1_500, {
    upload: 'avatar',
    type: 'image/jpeg',
    displayName: 'IMG_20261120_120000.jpg',
    bytes: 3_204_551,
    width: 4032,
    height: 3024,
  }),
];

/** GET, POST and DELETE below /admin/uploads and /admin/quarantine. */
export function uploadsCall({ url, parts, method, mode }: Call): Answer {
  const [first, id] = parts;
  if (method === 'GET') return listed(url, first === 'quarantine', mode === 'empty');
  const asked = proofAsked();
  if (asked) return asked;
  const found = files.find((one) => one.id === id);
  if (!found) return fail(404, 'NOT_FOUND', 'There is no such file, or it is no longer there.');
  if (method === 'DELETE') {
    files = files.filter((one) => one !== found);
    return { status: 204 };
  }
  const released: UploadEntry = {
    ...found,
    state: 'kept',
    changedBy: 'ada.lovelace@example.org',
    changedAtMs: Date.now(),
  };
  files = files.map((one) => (one === found ? released : one));
  return ok(released);
}

function listed(url: URL, isQuarantine: boolean, isEmpty: boolean): Answer {
  const state = url.searchParams.get('state');
  const all = isEmpty ? [] : files;
  const counts = { kept: 0, held: 0, infected: 0, refused: 0 };
  for (const one of all) counts[one.state] += 1;
  const uploads = all.filter((one) =>
    isQuarantine ? one.state === 'held' || one.state === 'infected' : state === null || one.state === state,
  );
  const kinds = [
    { name: 'avatar', scanned: false },
    { name: 'papers', scanned: true },
  ];
  return ok({ uploads, nextCursor: null, counts, kinds });
}
