import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEmbedded } from './embedded.ts';

describe('the embedded database on disk', () => {
  it('keeps every row that was acknowledged when the process is killed, and takes its lock over', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'rampart-embedded-'));
    const store = await openEmbedded({ dir });
    await store.script('CREATE TABLE kept (n int)');
    await store.close();
    const acknowledged = await insertUntilKilled(dir);
    expect(acknowledged).toBeGreaterThan(100);
    expect(existsSync(join(dir, 'lock.json'))).toBe(true);
    const again = await openEmbedded({ dir });
    const { rows } = await again.query('SELECT count(*) AS n, max(n) AS most FROM kept');
    expect(rows[0]?.['n']).toBeGreaterThanOrEqual(acknowledged);
    expect(rows[0]?.['most']).toBe((rows[0]?.['n'] as number) - 1);
    await again.close();
    rmSync(dir, { recursive: true, force: true });
  });
});

/** Inserts in a process of its own, which is killed in the middle. @returns how many rows it had acknowledged */
async function insertUntilKilled(dir: string): Promise<number> {
  const module = new URL('./embedded.ts', import.meta.url).href;
  const code = `
    import { writeSync } from 'node:fs';
    import { openEmbedded } from '${module}';
    const store = await openEmbedded({ dir: ${JSON.stringify(dir)} });
    for (let n = 0; ; n++) {
      await store.query('INSERT INTO kept VALUES ($1)', [n]);
      writeSync(1, n + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.length > 5_000) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return text.split('\n').length - 1;
}
