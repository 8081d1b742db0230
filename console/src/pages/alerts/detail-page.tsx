import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCommand } from '../../keys/commands.ts';
import { useView } from '../../state/view.ts';
import { AlertDetail } from './detail.tsx';
import { carryAlerts } from './filters.tsx';

/** One alert, on a page of its own. */
export function AlertPage(): ReactNode {
  const { id = '' } = useParams({ strict: false });
  const { search } = useView();
  const navigate = useNavigate();
  const back = carryAlerts(search);
  useCommand('back', () => void navigate({ to: '/alerts', search: back }));
  return (
    <div className="mx-auto max-w-3xl">
      <Link
        to="/alerts"
        search={back}
        className="mb-3 inline-flex h-6 items-center gap-1.5 rounded-sm text-sm text-mute hover:text-ink"
      >
        <ArrowLeft aria-hidden="true" className="size-4" />
        Alerts
      </Link>
      <AlertDetail key={id} id={id} isPage />
    </div>
  );
}
