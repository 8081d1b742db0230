import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { startMock } from '../../console/dev/mock.ts';
import { ensureConsole } from './build.ts';
import { type Looks, openBrowser, Visitor } from './visitor.ts';

/** The console before a server that stands in for the real one, for the tests of one file. */
export interface StandIn {
  /** Where it answers, once the tests run. */
  readonly origin: string;
  readonly browser: Browser;
  /** Opens a page as a new visitor, with the data of a mode: `full`, `empty`, `error`, `viewer` … */
  readonly visit: (path: string, mode?: string, looks?: Looks) => Promise<Visitor>;
}

/** Starts it and a browser before the tests of a file, and ends both after them. */
export function standIn(): StandIn {
  let server: Server;
  let browser: Browser;
  let origin = '';
  beforeAll(async () => {
    ensureConsole();
    server = await startMock(0);
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    browser = await openBrowser();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
  });
  return {
    get origin() {
      return origin;
    },
    get browser() {
      return browser;
    },
    visit: async (path, mode = 'full', looks = {}) => {
      const visitor = await Visitor.arrive(browser, origin, looks);
      await visitor.page.context().addCookies([{ name: 'mode', value: mode, url: origin }]);
      await visitor.open(path);
      return visitor;
    },
  };
}
