import { afterAll, describe, it } from 'vitest';
import { crash } from './crash.ts';
import { cleanUp } from './server.ts';

afterAll(cleanUp);

describe('a server on the embedded database, killed in the middle of its traffic', () => {
  it('knows every decision and event that anybody was told', { timeout: 120_000 }, () => crash({}));
});
