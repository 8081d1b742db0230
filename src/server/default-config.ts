import { presets } from '../modules/limit/index.ts';
import { defineRampart } from './config.ts';
import { samplePolicy } from './sample-policy.ts';

/** What `rampart start` does without a configuration file: its own API, the console and the sample are protected. */
export const defaultConfig = defineRampart({
  limits: {
    edge: { ...presets.edge, everywhere: true },
    api: presets.api,
    auth: { ...presets.auth, max: 20, by: 'ip' },
    /** Guessing is slowed by the lockout of accounts; this bounds what one address costs. */
    accounts: { max: 600, window: '15m', by: 'ip', code: 'AUTH_RATE_LIMIT_EXCEEDED' },
    /** What a tighter limit would do, without doing it. */
    apiCandidate: { max: 30, window: '1m', by: 'ip', mode: 'shadow', code: 'API_RATE_LIMIT_EXCEEDED' },
  },
  routes: {
    // Names for what the console asks of this server, so that it is told apart from other traffic.
    '/admin/*': {},
    '/console/*': {},
    // A platform that is told 429 by a probe would stop a healthy node in the middle of an attack.
    '/livez': { limit: false },
    '/readyz': { limit: false },
    '/startupz': { limit: false },
    '/sample/*': { limit: ['api', 'apiCandidate'] },
    // An order costs money.
    'POST /sample/orders': { limit: ['api', 'apiCandidate'], payments: true },
    'POST /sample/orders/:id/payment': { limit: ['api', 'apiCandidate'], payments: true },
    'POST /sample/payments': { limit: ['api', 'apiCandidate'], payments: true },
    'POST /sample/sign-in': { limit: 'auth' },
    'POST /auth/*': { limit: 'accounts' },
    'POST /auth/refresh': { limit: 'api' },
    'POST /auth/sign-out': {},
    'POST /admin/session': { limit: 'auth' },
    // Reports are sent by the browser itself, not by a page: some leave headers out.
    'POST /csp-reports': {
      limit: 'api',
      browser: { csrf: false },
      shield: { headers: { accept: false }, inspection: false },
    },
  },
  uploads: {
    sample: {
      types: [
        'image/jpeg',
        'image/png',
        'image/gif',
        'image/webp',
        'application/pdf',
        'text/plain',
        'application/zip',
      ],
    },
  },
  identity: {},
  access: samplePolicy,
  browser: {
    csp: {
      reportPath: '/csp-reports',
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'manifest-src': ["'self'"],
      },
      upgradeInsecureRequests: false,
    },
    csrf: { sessionCookie: '__Host-rampart' },
  },
});
