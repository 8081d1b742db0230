import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { missingEntries, platformOf } from '../../scripts/complete-lock.mjs';
import { isTooOld } from '../../scripts/lib/project.mjs';
import { ROOT } from './sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-scripts-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a script of the project; `onOutput` may send it a signal. */
async function run(
  args: readonly string[],
  onOutput: (text: string, kill: (signal: 'SIGTERM') => void) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    onOutput(output, (signal) => void child.kill(signal));
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

function writeFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('scripts/run.mjs', () => {
  it('runs TypeScript with its arguments and ends with its exit code', async () => {
    const file = writeFile(
      'a.ts',
      `const a: string[] = process.argv.slice(2); console.log(a); process.exit(3);`,
    );
    const { code, output } = await run(['scripts/run.mjs', file, 'x', '--y']);
    expect(output).toContain(`[ 'x', '--y' ]`);
    expect(code).toBe(3);
  });

  it('lets a signal reach the program, and gives back how it ended', async () => {
    const file = writeFile(
      'b.ts',
      `process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
       const wait: unknown = setInterval(() => undefined, 60_000); console.log('ready', wait !== null);`,
    );
    let sent = false;
    const { code, output } = await run(['scripts/run.mjs', file], (text, kill) => {
      if (sent || !text.includes('ready')) return;
      sent = true;
      kill('SIGTERM');
    });
    expect(output).toContain('drained');
    expect(code).toBe(0);
  });

  it('says how it is used, and what is not there', async () => {
    expect(await run(['scripts/run.mjs'])).toMatchObject({ code: 2, output: expect.stringMatching(/usage/) });
    expect(await run(['scripts/run.mjs', 'no-such.ts'])).toMatchObject({ code: 2 });
  });
});

describe('scripts/test.mjs', () => {
  const plant = async (text: string, ...flags: string[]): Promise<Ended> => {
    const planted = mkdtempSync(join(ROOT, 'test', 'planted-'));
    try {
      const file = join(planted, 'x.test.ts');
      writeFileSync(file, `import { expect, it } from 'vitest';\n${text}`);
      return await run(['scripts/test.mjs', ...flags, file]);
    } finally {
      rmSync(planted, { recursive: true });
    }
  };
  const lastLine = ({ output }: Ended): string | undefined => output.trimEnd().split('\n').at(-1);

  it('ends with the counts as a plain last line, and says why something was skipped', async () => {
    const ended = await plant(
      `it('a', () => {}); it('b', (t) => t.skip('no printer here')); it('c', () => { expect(1).toBe(1); });`,
    );
    expect(lastLine(ended)).toBe('2 passed, 0 failed, 1 skipped');
    expect(ended.output).toMatch(/skipped 1 in .*x\.test\.ts \(no printer here\)/);
    expect(ended.code).toBe(0);
  });

  it('counts groups within skipped groups as skipped', async () => {
    const ended = await plant(
      `import { describe } from 'vitest'; it('a', () => {});
       describe.skipIf(true)('b', () => { describe.skipIf(false)('c', () => { it('d', () => {}); }); });`,
    );
    expect(lastLine(ended)).toBe('1 passed, 0 failed, 1 skipped');
  });

  it('ends with 1 when a test fails', async () => {
    const ended = await plant(`it('a', () => {}); it('b', () => { expect(1).toBe(2); });`);
    expect(lastLine(ended)).toBe('1 passed, 1 failed, 0 skipped');
    expect(ended.code).toBe(1);
  });

  it('gives failed files a second try alone, and names what passed only then', async () => {
    const text = (rest: string): string =>
      `import { appendFileSync, readFileSync } from 'node:fs';
       const tries = import.meta.filename + '.tries';
       appendFileSync(tries, 'x');
       it('late', () => { expect(readFileSync(tries, 'utf8')).toBe('xx'); }); ${rest}`;
    const passed = await plant(text(`it('a', () => {});`), '--again');
    expect(lastLine(passed)).toBe('2 passed, 0 failed, 0 skipped');
    expect(passed.output).toMatch(/^unsteady: .*x\.test\.ts > late: expected/m);
    expect(passed.code).toBe(0);
    const failed = await plant(text(`it('b', () => { expect(1).toBe(2); });`), '--again');
    expect(lastLine(failed)).toBe('1 passed, 1 failed, 0 skipped');
    expect(failed.output).toMatch(/^failed: .*x\.test\.ts > b: expected/m);
    expect(failed.code).toBe(1);
  });

  it('takes a file that cannot be loaded for a failure', async () => {
    const ended = await plant(`throw new Error('broken'); it('a', () => {});`);
    expect(lastLine(ended)).toBe('0 passed, 1 failed, 0 skipped');
    expect(ended.code).toBe(1);
  });
});

describe('the Node.js that scripts go on with', () => {
  it.each([
    ['v20.20.2', true],
    ['v22.17.9', true],
    ['v22.18.0', false],
    ['v24.0.0', false],
    ['v100.1.0', false],
  ])('%s: too old is %s', (version, expected) => {
    expect(isTooOld(version)).toBe(expected);
  });
});

describe('package-lock.json', () => {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');

  it('names the optional packages of every platform, or npm ci refuses it (node scripts/complete-lock.mjs)', () => {
    const { packages } = JSON.parse(lock) as { packages: Record<string, unknown> };
    expect(Object.keys(packages).length).toBeGreaterThan(100);
    expect(Object.keys(missingEntries(packages))).toEqual([]);
  });

  it('names no registry', () => {
    expect(lock).not.toMatch(/"resolved": "http/);
  });

  it('would be seen incomplete', () => {
    const optionalDependencies = {
      '@x/y-darwin-arm64': '1.2.3',
      '@x/y-linux-x64-gnu': '1.2.3',
      other: '1.0.0',
    };
    const found = missingEntries({
      'node_modules/@x/y': { dev: true, optionalDependencies },
      'node_modules/@x/y-linux-x64-gnu': { version: '1.2.3' },
    });
    expect(found).toEqual({
      'node_modules/@x/y-darwin-arm64': {
        version: '1.2.3',
        cpu: ['arm64'],
        dev: true,
        optional: true,
        os: ['darwin'],
      },
    });
  });

  it.each([
    ['@a/b-linux-x64-musl', { cpu: ['x64'], libc: ['musl'], os: ['linux'] }],
    ['@a/linux-arm-gnueabihf', { cpu: ['arm'], libc: ['glibc'], os: ['linux'] }],
    ['@a/b-win32-ia32-msvc', { cpu: ['ia32'], os: ['win32'] }],
    ['@a/windows-x64', { cpu: ['x64'], os: ['win32'] }],
    ['fsevents', undefined],
  ])('reads the platform of %s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});
