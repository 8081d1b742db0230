import { useNavigate, useRouter } from '@tanstack/react-router';
import type { LinkProps } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCommand } from '../keys/commands.ts';
import { Button } from '../ui/parts.tsx';

interface BackButtonProps {
  readonly list: NonNullable<LinkProps['to']>;
  /** What the list is called. */
  readonly children: string;
}

/** Back to where the reader came from, to a list where they came by a link; also by the key for it. */
export function BackButton({ list, children }: BackButtonProps): ReactNode {
  const router = useRouter();
  const navigate = useNavigate();
  const back = (): void => {
    if (router.history.canGoBack()) router.history.back();
    else void navigate({ to: list });
  };
  useCommand('back', back);
  return (
    <Button small look="quiet" className="mb-3 -ml-2" onClick={back}>
      <ArrowLeft aria-hidden="true" className="size-3.5" />
      {children}
    </Button>
  );
}
