import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { EnrolPage } from './pages/enrol.tsx';
import { HistoryPage } from './pages/history.tsx';
import { ForgotPage, InvitationPage, ResetPage, UnlockPage, VerifyPage } from './pages/links.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { NewPasswordPage } from './pages/password.tsx';
import { ProfilePage } from './pages/profile.tsx';
import { SecurityPage } from './pages/security.tsx';
import { SessionsPage } from './pages/sessions.tsx';
import { AccountShell, NotFound, Root } from './pages/shell.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { SignUpPage } from './pages/sign-up.tsx';

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });
const shell = createRoute({ getParentRoute: () => root, id: 'account', component: AccountShell });

const gates = [
  createRoute({ getParentRoute: () => root, path: '/sign-in', component: SignInPage }),
  createRoute({ getParentRoute: () => root, path: '/sign-up', component: SignUpPage }),
  createRoute({ getParentRoute: () => root, path: '/verify', component: VerifyPage }),
  createRoute({ getParentRoute: () => root, path: '/forgot', component: ForgotPage }),
  createRoute({ getParentRoute: () => root, path: '/reset', component: () => <ResetPage /> }),
  createRoute({ getParentRoute: () => root, path: '/invitation', component: InvitationPage }),
  createRoute({ getParentRoute: () => root, path: '/unlock', component: UnlockPage }),
  createRoute({ getParentRoute: () => root, path: '/enrol', component: EnrolPage }),
  createRoute({ getParentRoute: () => root, path: '/new-password', component: NewPasswordPage }),
] as const;
const pages = [
  createRoute({ getParentRoute: () => shell, path: '/', component: OverviewPage }),
  createRoute({ getParentRoute: () => shell, path: '/profile', component: ProfilePage }),
  createRoute({ getParentRoute: () => shell, path: '/security', component: SecurityPage }),
  createRoute({ getParentRoute: () => shell, path: '/sessions', component: SessionsPage }),
  createRoute({ getParentRoute: () => shell, path: '/history', component: HistoryPage }),
] as const;

/** Makes the router of the account pages. Queries are plain text: `?next=/account` stays as it was written. */
export const makeRouter = () =>
  createRouter({
    routeTree: root.addChildren([...gates, shell.addChildren(pages)]),
    basepath: '/account',
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const text = new URLSearchParams(search as Record<string, string>).toString();
      return text === '' ? '' : `?${text}`;
    },
    scrollRestoration: true,
  });
