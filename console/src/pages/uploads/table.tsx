import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { STATE_LABEL } from '../../api/uploads.ts';
import type { UploadEntry, UploadState } from '../../api/uploads.ts';
import { bytes } from '../../format/number.ts';
import { Button } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import type { Act } from './act-dialog.tsx';
import { nameOf, reasonWords } from './words.ts';

const HEAD = 'px-2 py-2 text-left text-xs font-medium text-faint first:pl-4 last:pr-4';
const CELL = 'px-2 py-2.5 first:pl-4 last:pr-4';
const LOOKS: Readonly<Record<UploadState, string>> = {
  kept: 'text-mute',
  held: 'text-challenged-text',
  infected: 'text-blocked-text',
  refused: 'text-blocked-text',
};

/** Files, newest first. */
export function UploadTable({
  files,
  onAct,
}: {
  readonly files: readonly UploadEntry[];
  readonly onAct: ((act: Act, file: UploadEntry) => void) | null;
}): ReactNode {
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">Files that people sent</caption>
      <thead>
        <tr className="border-b border-line">
          <th scope="col" className={HEAD}>
            File
          </th>
          <th scope="col" className={`${HEAD} max-sm:hidden`}>
            Verdict
          </th>
          <th scope="col" className={`${HEAD} max-lg:hidden`}>
            Owner
          </th>
          <th scope="col" className={`${HEAD} text-right max-md:hidden`}>
            Size
          </th>
          <th scope="col" className={`${HEAD} max-sm:hidden`}>
            Age
          </th>
          <th scope="col" className={HEAD}>
            <span className="sr-only">Acts</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {files.map((file) => (
          <Row key={file.id} file={file} onAct={onAct} />
        ))}
      </tbody>
    </table>
  );
}

function Row({
  file,
  onAct,
}: {
  readonly file: UploadEntry;
  readonly onAct: ((act: Act, file: UploadEntry) => void) | null;
}): ReactNode {
  const { type, owner, upload, state, atMs } = file;
  const name = nameOf(file);
  return (
    <tr className="border-b border-line last:border-0 hover:bg-hover">
      <td className={`${CELL} w-[38%] max-w-0 max-sm:w-full`}>
        <span className="block truncate font-medium" title={name}>
          {name}
        </span>
        <span className="block truncate text-xs text-faint" title={type ?? undefined}>
          {upload}
          {type !== null && name !== type && ` · ${type}`}
        </span>
        <span className="block text-xs sm:hidden">
          <Verdict file={file} />
        </span>
        <span className="block text-xs text-faint sm:hidden">
          <When atMs={atMs} />
        </span>
      </td>
      <td className={`${CELL} w-[32%] max-w-0 max-sm:hidden`}>
        <span className="block truncate">
          <Verdict file={file} />
        </span>
      </td>
      <td className={`${CELL} max-w-40 truncate text-mute max-lg:hidden`} title={owner ?? undefined}>
        {owner ?? 'nobody'}
      </td>
      <td className={`${CELL} text-right whitespace-nowrap text-mute numeric max-md:hidden`}>
        {file.bytes === 0 ? '–' : bytes(file.bytes)}
      </td>
      <td className={`${CELL} whitespace-nowrap text-mute max-sm:hidden`}>
        <When atMs={atMs} />
      </td>
      <td className={`${CELL} text-right whitespace-nowrap`}>
        {state !== 'refused' && <Acts file={file} onAct={onAct} />}
      </td>
    </tr>
  );
}

function Verdict({ file }: { readonly file: UploadEntry }): ReactNode {
  const words = reasonWords(file);
  const label = <span className={`font-medium ${LOOKS[file.state]}`}>{STATE_LABEL[file.state]}</span>;
  return (
    <>
      {file.decision === null ? (
        label
      ) : (
        <Link
          data-row
          to="/decisions/$id"
          params={{ id: file.decision }}
          className="rounded-sm hover:underline hover:underline-offset-4"
        >
          {label}
        </Link>
      )}
      {words !== '' && (
        <span className="ml-2 text-xs text-mute" title={words}>
          {words}
        </span>
      )}
    </>
  );
}

function Acts({
  file,
  onAct,
}: {
  readonly file: UploadEntry;
  readonly onAct: ((act: Act, file: UploadEntry) => void) | null;
}): ReactNode {
  const disabled = onAct === null;
  return (
    <span className="inline-flex gap-1.5 max-sm:flex-col">
      {file.state !== 'kept' && (
        <Button small disabled={disabled} onClick={() => onAct?.('release', file)}>
          Release…
        </Button>
      )}
      <Button small look="quiet" disabled={disabled} onClick={() => onAct?.('delete', file)}>
        Delete…
      </Button>
    </span>
  );
}
