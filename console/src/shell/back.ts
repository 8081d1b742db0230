import { useNavigate, useRouter } from '@tanstack/react-router';
import type { LinkProps } from '@tanstack/react-router';

/** Back to where the reader came from; to a list where they came by a link. */
export function useBack(list: NonNullable<LinkProps['to']>): () => void {
  const router = useRouter();
  const navigate = useNavigate();
  return () => {
    if (router.history.canGoBack()) router.history.back();
    else void navigate({ to: list });
  };
}
