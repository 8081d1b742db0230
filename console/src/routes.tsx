import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { SetupPage } from './shell/setup.tsx';
import { NotFound, Shell } from './shell/shell.tsx';
import { parseSearch, stringifySearch } from './state/search.ts';
import type { ViewSearch } from './state/search.ts';
import { Failure } from './ui/state.tsx';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  validateSearch: (search): ViewSearch => search,
  errorComponent: ({ error, reset }) => (
    <Failure error={error instanceof Error ? error : new Error(String(error))} retry={reset} />
  ),
});
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const pages = [
  createRoute({
    getParentRoute: () => shell,
    path: '/',
    component: lazyRouteComponent(() => import('./pages/overview/page.tsx'), 'OverviewPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/alerts',
    component: lazyRouteComponent(() => import('./pages/alerts/page.tsx'), 'AlertsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/alerts/$id',
    component: lazyRouteComponent(() => import('./pages/alerts/detail-page.tsx'), 'AlertPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/responses',
    component: lazyRouteComponent(() => import('./pages/responses/page.tsx'), 'ResponsesPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/responses/$id',
    component: lazyRouteComponent(() => import('./pages/responses/one-page.tsx'), 'ResponsePage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/decisions',
    component: lazyRouteComponent(() => import('./pages/decisions/list.tsx'), 'DecisionsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/decisions/$id',
    component: lazyRouteComponent(() => import('./pages/decisions/page.tsx'), 'DecisionPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/shield',
    component: lazyRouteComponent(() => import('./pages/shield/page.tsx'), 'ShieldPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/limits',
    component: lazyRouteComponent(() => import('./pages/limits/page.tsx'), 'LimitsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/blocks',
    component: lazyRouteComponent(() => import('./pages/blocks/page.tsx'), 'BlocksPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/events',
    component: lazyRouteComponent(() => import('./pages/events/page.tsx'), 'EventsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/events/$id',
    component: lazyRouteComponent(() => import('./pages/events/event-page.tsx'), 'EventPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/audit',
    component: lazyRouteComponent(() => import('./pages/audit/page.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/users',
    component: lazyRouteComponent(() => import('./pages/users/list.tsx'), 'UsersPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/users/$id',
    component: lazyRouteComponent(() => import('./pages/users/page.tsx'), 'UserPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/access',
    component: lazyRouteComponent(() => import('./pages/access/roles-page.tsx'), 'RolesPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/access/who-can',
    component: lazyRouteComponent(() => import('./pages/access/who-page.tsx'), 'WhoCanPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/access/assignments',
    component: lazyRouteComponent(() => import('./pages/access/assignments-page.tsx'), 'AssignmentsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/access/reviews',
    component: lazyRouteComponent(() => import('./pages/access/reviews-page.tsx'), 'ReviewsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/access/reviews/$id',
    component: lazyRouteComponent(() => import('./pages/access/review-page.tsx'), 'ReviewPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/access/programs',
    component: lazyRouteComponent(() => import('./pages/access/programs-page.tsx'), 'ProgramsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/uploads',
    component: lazyRouteComponent(() => import('./pages/uploads/page.tsx'), 'UploadsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/keys',
    component: lazyRouteComponent(() => import('./pages/keys/page.tsx'), 'KeysPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/queries',
    component: lazyRouteComponent(() => import('./pages/queries/list.tsx'), 'StatementsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/queries/$id',
    component: lazyRouteComponent(() => import('./pages/queries/page.tsx'), 'StatementPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/mailbox',
    component: lazyRouteComponent(() => import('./pages/mailbox/page.tsx'), 'MailboxPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/health',
    component: lazyRouteComponent(() => import('./pages/health/page.tsx'), 'HealthPage'),
  }),
] as const;
const setup = createRoute({ getParentRoute: () => root, path: '/setup', component: SetupPage });

/** The console's pages. Each is loaded when it is first visited or pointed at. */
export const router = createRouter({
  routeTree: root.addChildren([shell.addChildren(pages), setup]),
  basepath: '/console',
  parseSearch: (text) => parseSearch(text) as Record<string, unknown>,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
