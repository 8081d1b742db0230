/**
 * Loaded into a server before anything else: SIGUSR2 moves its clock on by as many milliseconds as stand in the file
 * TEST_CLOCK_FILE, and a line of the log says that it has happened. So codes grow stale and proofs old without anybody
 * waiting.
 */
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env['TEST_CLOCK_FILE'];
if (file !== undefined && isMainThread) {
  const now = Date.now.bind(Date);
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  process.on('SIGUSR2', () => {
    aheadMs = Number(readFileSync(file, 'utf8'));
    process.stdout.write(`${JSON.stringify({ level: 'info', message: 'test clock', aheadMs })}\n`);
  });
}
