import { afterAll, describe, expect, it } from 'vitest';
import { CONFIG, SEARCH, tune } from './exclusions.ts';
import { cleanUp, start, temporaryFolder } from './server.ts';
import { from } from './traffic.ts';

afterAll(cleanUp);

describe('a server on its own database', () => {
  it('lets pass what was reported, replayed and excluded, also after a start; and refuses it once that is withdrawn', async () => {
    const dir = temporaryFolder();
    const first = await start({ dir, config: CONFIG });
    await tune(first, []);
    await first.stop();
    const second = await start({ dir, config: CONFIG });
    expect((await second.send(from('198.51.100.7', { path: SEARCH }))).status).toBe(200);
  });
});
