import { Link } from '@tanstack/react-router';
import { Bot } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { RolesAnswer, ServiceEntry } from '../../../../src/server/api/access-types.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { plural } from '../../format/number.ts';
import { useView } from '../../state/view.ts';
import { More } from '../../ui/more.tsx';
import { Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { When } from '../../ui/when.tsx';
import { useServices } from './api.ts';
import { AccessFrame } from './frame.tsx';
import { KeyPanel } from './key-panel.tsx';
import { CELL, MayButton, Subject, Th } from './parts.tsx';
import { CreateServiceDialog, SwitchServiceDialog } from './service-dialogs.tsx';

/** Programs that have access, and the keys they come with. */
export function ProgramsPage(): ReactNode {
  const [isCreating, setCreating] = useState(false);
  const against = useReasonAgainst('administrator');
  return (
    <AccessFrame
      actions={
        <MayButton solid against={against} label="New service account…" onClick={() => setCreating(true)} />
      }
    >
      {(policy) => (
        <>
          {against !== null && <p className="mb-3 text-xs text-faint">{against}</p>}
          <Content policy={policy} against={against} />
          {isCreating && <CreateServiceDialog onClose={() => setCreating(false)} />}
        </>
      )}
    </AccessFrame>
  );
}

function Content({
  policy,
  against,
}: {
  readonly policy: RolesAnswer;
  readonly against: string | null;
}): ReactNode {
  const { search } = useView();
  const query = useServices();
  const [asked, setAsked] = useState<ServiceEntry | null>(null);
  const services = query.data?.pages.flatMap((page) => page.services);
  return (
    <div className="space-y-4">
      <Panel
        title="Service accounts"
        note={services === undefined || services.length === 0 ? undefined : 'newest first'}
        flush
      >
        <div className="min-h-40 border-t border-line">
          {services === undefined ? (
            query.error ? (
              <Failure error={query.error} retry={() => void query.refetch()} />
            ) : (
              <SkeletonRows rows={3} height="h-14" />
            )
          ) : services.length === 0 ? (
            <Empty icon={<Bot className="size-4" />} title="No program has an account">
              A service account holds the roles of a program and the keys it comes with. Somebody is
              responsible for it.
            </Empty>
          ) : (
            <>
              {query.error && <Stale atMs={query.dataUpdatedAt} />}
              <Table services={services} open={search.tab} against={against} onAsk={setAsked} />
            </>
          )}
        </div>
        <More query={query} />
      </Panel>
      {services !== undefined && services.length > 0 && (
        <KeyPanel policy={policy} services={services} open={search.tab} against={against} />
      )}
      {asked !== null && <SwitchServiceDialog service={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

function Table({
  services,
  open,
  against,
  onAsk,
}: {
  readonly services: readonly ServiceEntry[];
  readonly open: string | undefined;
  readonly against: string | null;
  readonly onAsk: (service: ServiceEntry) => void;
}): ReactNode {
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">Service accounts, newest first</caption>
      <thead>
        <tr className="border-b border-line">
          <Th>Account</Th>
          <Th className="max-md:hidden">Responsible</Th>
          <Th className="max-sm:hidden">Roles</Th>
          <Th className="max-sm:hidden">Age</Th>
          <Th className="text-right">
            <span className="sr-only">Acts</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {services.map((service) => {
          const { id, name, about, responsible, createdAtMs, disabledAtMs, keys } = service;
          const isOff = disabledAtMs !== null;
          return (
            <tr
              key={id}
              className={`border-b border-line last:border-0 hover:bg-hover ${open === id ? 'bg-sunken' : ''}`}
            >
              <td className={CELL}>
                <Link
                  data-row
                  to="/access/programs"
                  search={{ tab: id }}
                  aria-current={open === id ? 'true' : undefined}
                  className="rounded-sm font-medium break-words hover:underline hover:underline-offset-4"
                >
                  {name}
                </Link>
                {isOff && (
                  <span className="ml-2 rounded-full bg-sunken px-2 text-xs leading-5 font-medium text-mute">
                    Disabled <When atMs={disabledAtMs} />
                  </span>
                )}
                <span className="block text-xs text-mute">
                  {[about, plural(keys, 'key')].filter((one) => one !== '').join(' · ')}
                </span>
              </td>
              <td className={`${CELL} max-md:hidden`}>
                <Subject subject={responsible} />
              </td>
              <td className={`${CELL} max-sm:hidden`}>
                <Link
                  to="/access/assignments"
                  search={{ subject: `service:${id}` }}
                  aria-label={`Show roles of ${name}`}
                  className="rounded-sm underline underline-offset-4"
                >
                  Show
                </Link>
              </td>
              <td className={`${CELL} whitespace-nowrap text-mute max-sm:hidden`}>
                <When atMs={createdAtMs} />
              </td>
              <td className={`${CELL} text-right`}>
                <MayButton
                  small
                  against={against}
                  label={isOff ? 'Enable…' : 'Disable…'}
                  about={name}
                  onClick={() => onAsk(service)}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
