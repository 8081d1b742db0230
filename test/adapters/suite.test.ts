import { adapterSuite } from '../../src/testing/suites/adapter.ts';
import { startExpressApp } from './express-app.ts';
import { startFastifyApp } from './fastify-app.ts';
import { startGenericHonoApp, startHonoApp } from './hono-app.ts';
import { startNodeApp } from './node-app.ts';
import { startWebApp } from './web-app.ts';

adapterSuite('node', startNodeApp, { labels: false, ownsConnection: true });
adapterSuite('web', startWebApp, { labels: false, ownsConnection: false });
adapterSuite('express', startExpressApp, { labels: true, ownsConnection: true });
adapterSuite('fastify', startFastifyApp, { labels: true, ownsConnection: true });
adapterSuite('hono', startHonoApp, { labels: true, ownsConnection: true });
adapterSuite('hono (Request and Response alone)', startGenericHonoApp, {
  labels: true,
  ownsConnection: false,
});
