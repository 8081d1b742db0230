import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useAccountName } from '../access/api.ts';

/** Who did something: an account leads to its page; a set-up link and the operator are told by their name. */
export function By({ actor }: { readonly actor: string }): ReactNode {
  const name = useAccountName(actor);
  if (!actor.startsWith('user:')) return <span className="break-all">{actor}</span>;
  return (
    <Link
      to="/users/$id"
      params={{ id: actor.slice('user:'.length) }}
      title={actor}
      className={`rounded-sm hover:underline hover:underline-offset-4 ${name === null ? 'break-all' : ''}`}
    >
      {name ?? actor.slice('user:'.length)}
    </Link>
  );
}
