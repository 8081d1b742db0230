import { Link, useRouter } from '@tanstack/react-router';
import type { ComponentType, ReactNode } from 'react';

interface GoProps {
  /** Path below /account. */
  readonly to: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly activeOptions?: { readonly exact: boolean };
  readonly activeProps?: { readonly className: string; readonly 'aria-current': 'page' };
}
/** A link within the account pages. The router's types know the console's paths alone. */
export const Go = Link as unknown as ComponentType<GoProps>;

/** Goes to a page of the account, or to any other path of this origin. */
export function useGo(): (path: string) => void {
  const router = useRouter();
  return (path) => {
    if (/^\/account(?:[/?#]|$)/.test(path)) router.history.push(path);
    else location.assign(path);
  };
}

/** A link amid text. */
export function TextLink({ to, children }: { readonly to: string; readonly children: ReactNode }): ReactNode {
  return (
    <Go
      to={to}
      className="rounded font-medium text-ink underline decoration-edge underline-offset-4 hover:decoration-ink"
    >
      {children}
    </Go>
  );
}
