import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiFacts } from './api/ports.ts';
import type { Foundation } from './foundation.ts';
import { PACKAGE_ROOT, VERSION } from './version.ts';

const CONSOLE_DIR = join(PACKAGE_ROOT, 'console', 'dist');

/** What the API says of its server. @param url with port 0 known only once the server listens; nobody asks before */
export function apiFacts(
  { node, dataDir }: Pick<Foundation, 'node' | 'dataDir'>,
  url: () => string,
): ApiFacts {
  return {
    version: VERSION,
    node,
    consoleDir: existsSync(join(CONSOLE_DIR, 'index.html')) ? CONSOLE_DIR : null,
    operatorKey: dataDir.operatorKey,
    secret: dataDir.secret,
    securityContacts: [],
    get publicUrl() {
      return url();
    },
  };
}
