import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type {
  ApiKeyEntry,
  MadeKeyAnswer,
  RolesAnswer,
  ServiceEntry,
} from '../../../../src/server/api/access-types.ts';
import { useView } from '../../state/view.ts';
import { More } from '../../ui/more.tsx';
import { Code, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { useKeys } from './api.ts';
import { CreateKeyDialog, RevokeKeyDialog, RotateKeyDialog } from './key-dialogs.tsx';
import { stateOf } from './key-state.ts';
import { MadeKey } from './made-key.tsx';
import { CELL, Left, MayButton, Th } from './parts.tsx';

type Asked = { readonly kind: 'rotate' | 'revoke'; readonly key: ApiKeyEntry };

/** Keys of one service account, or of all. */
export function KeyPanel({
  policy,
  services,
  open,
  against,
}: {
  readonly policy: RolesAnswer;
  readonly services: readonly ServiceEntry[];
  /** Service account that is looked at. */
  readonly open: string | undefined;
  readonly against: string | null;
}): ReactNode {
  const { search, change } = useView();
  const service = services.find(({ id }) => id === open);
  const query = useKeys(open ?? '');
  const [asked, setAsked] = useState<Asked | 'create' | null>(null);
  const [made, setMade] = useState<MadeKeyAnswer | null>(null);
  const keys = query.data?.pages.flatMap((page) => page.keys);
  const close = (): void => setAsked(null);
  const { tab: _, ...rest } = search;
  return (
    <Panel
      title="API keys"
      note={
        service === undefined ? (
          'of all service accounts'
        ) : (
          <>
            of {service.name} ·{' '}
            <button
              type="button"
              className="rounded-sm underline underline-offset-2"
              onClick={() => change(rest)}
            >
              show all
            </button>
          </>
        )
      }
      actions={<MayButton against={against} label="New key…" onClick={() => setAsked('create')} />}
      flush
    >
      <div className="min-h-40 border-t border-line">
        {keys === undefined ? (
          query.error ? (
            <Failure error={query.error} retry={() => void query.refetch()} />
          ) : (
            <SkeletonRows rows={3} height="h-14" />
          )
        ) : keys.length === 0 ? (
          <Empty icon={<KeyRound className="size-4" />} title="There are no keys">
            A key has what its service account has, within its scopes, and ends by itself.
          </Empty>
        ) : (
          <>
            {query.error && <Stale atMs={query.dataUpdatedAt} />}
            <Table keys={keys} services={services} against={against} onAsk={setAsked} />
          </>
        )}
      </div>
      <More query={query} />
      {asked === 'create' && (
        <CreateKeyDialog
          policy={policy}
          services={services}
          service={service}
          onMade={setMade}
          onClose={close}
        />
      )}
      {asked !== null && asked !== 'create' && asked.kind === 'rotate' && (
        <RotateKeyDialog apiKey={asked.key} onMade={setMade} onClose={close} />
      )}
      {asked !== null && asked !== 'create' && asked.kind === 'revoke' && (
        <RevokeKeyDialog apiKey={asked.key} onClose={close} />
      )}
      {made !== null && <MadeKey made={made} onClose={() => setMade(null)} />}
    </Panel>
  );
}

function Table({
  keys,
  services,
  against,
  onAsk,
}: {
  readonly keys: readonly ApiKeyEntry[];
  readonly services: readonly ServiceEntry[];
  readonly against: string | null;
  readonly onAsk: (asked: Asked) => void;
}): ReactNode {
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">API keys, newest first</caption>
      <thead>
        <tr className="border-b border-line">
          <Th>Key</Th>
          <Th className="max-md:hidden">Scopes</Th>
          <Th className="max-lg:hidden">Created</Th>
          <Th className="max-sm:hidden">Last used</Th>
          <Th className="max-sm:hidden">Ends</Th>
          <Th className="text-right">
            <span className="sr-only">Acts</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Row
            key={key.id}
            apiKey={key}
            service={services.find(({ id }) => id === key.service)?.name ?? key.service}
            against={against}
            onAsk={onAsk}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({
  apiKey,
  service,
  against,
  onAsk,
}: {
  readonly apiKey: ApiKeyEntry;
  readonly service: string;
  readonly against: string | null;
  readonly onAsk: (asked: Asked) => void;
}): ReactNode {
  const now = useNow(60_000);
  const { name, hint, scopes, createdAtMs, lastUsedAtMs, replacedBy } = apiKey;
  const isLive = stateOf(apiKey, now) === 'live';
  const used =
    lastUsedAtMs === null ? <span className="text-faint">Never used</span> : <When atMs={lastUsedAtMs} />;
  const scopeList = (
    <span className="flex flex-wrap gap-1">
      {scopes.map((scope) => (
        <Code key={scope}>{scope === '*' ? '* (all)' : scope}</Code>
      ))}
    </span>
  );
  return (
    <tr data-row className={`border-b border-line last:border-0 hover:bg-hover ${isLive ? '' : 'text-mute'}`}>
      <td className={CELL}>
        <span className="font-medium break-words">{name}</span>
        <span className="block font-mono text-xs break-all text-mute">{hint}</span>
        <span className="block text-xs text-faint">{service}</span>
        <span className="mt-1 block md:hidden">{scopeList}</span>
        <span className="mt-1 block text-xs text-mute sm:hidden">
          {lastUsedAtMs !== null && 'used '}
          {used} · {isLive && 'ends '}
          <End apiKey={apiKey} nowMs={now} />
        </span>
      </td>
      <td className={`${CELL} max-md:hidden`}>{scopeList}</td>
      <td className={`${CELL} whitespace-nowrap text-mute max-lg:hidden`}>
        <When atMs={createdAtMs} />
      </td>
      <td className={`${CELL} whitespace-nowrap max-sm:hidden`}>{used}</td>
      <td className={`${CELL} whitespace-nowrap max-sm:hidden`}>
        <End apiKey={apiKey} nowMs={now} />
      </td>
      <td className={`${CELL} text-right`}>
        {isLive && (
          <span className="inline-flex gap-1.5 max-sm:flex-col">
            {replacedBy === null && (
              <MayButton
                small
                against={against}
                label="Rotate…"
                about={`${name} of ${service}`}
                onClick={() => onAsk({ kind: 'rotate', key: apiKey })}
              />
            )}
            <MayButton
              small
              against={against}
              label="Revoke…"
              about={`${name} of ${service}`}
              onClick={() => onAsk({ kind: 'revoke', key: apiKey })}
            />
          </span>
        )}
      </td>
    </tr>
  );
}

function End({ apiKey, nowMs }: { readonly apiKey: ApiKeyEntry; readonly nowMs: number }): ReactNode {
  const { revokedAtMs, replacedBy, expiresAtMs } = apiKey;
  const state = stateOf(apiKey, nowMs);
  if (state === 'revoked' && revokedAtMs !== null)
    return (
      <>
        Revoked <When atMs={revokedAtMs} />
      </>
    );
  if (state === 'over') return 'Ran out';
  return (
    <>
      <Left expiresAtMs={expiresAtMs} />
      {replacedBy !== null && <span className="block text-xs text-faint">has a successor</span>}
    </>
  );
}
