import { Download, Printer } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Act, CopyAct } from '../parts/act.tsx';
import { Heading, Lead } from '../parts/page.tsx';
import { useSpeech } from '../words/speech.ts';

/** Shows new backup codes, the only time that anybody sees them; goes on once they are saved. */
export function BackupCodesView({
  codes,
  onDone,
}: {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}): ReactNode {
  const { t } = useSpeech();
  const [isSaved, setSaved] = useState(false);
  const text = codes.join('\n');
  const download = (): void => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
    link.download = `${t('codes.file')}.txt`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div>
      <Heading>{t('codes.savedTitle')}</Heading>
      <Lead>{t('codes.savedText')}</Lead>
      <ol
        aria-label={t('codes.list')}
        dir="ltr"
        className="numeric mt-5 grid grid-cols-[repeat(auto-fill,minmax(11.5rem,1fr))] gap-x-6 gap-y-2 rounded-xl bg-sunken p-4 font-mono text-sm print:border"
      >
        {codes.map((code) => (
          <li key={code} className="whitespace-nowrap select-all">
            {code}
          </li>
        ))}
      </ol>
      <div className="mt-3 flex flex-wrap gap-2 print:hidden">
        <CopyAct text={text} />
        <Act onClick={() => print()}>
          <Printer aria-hidden="true" className="size-4" />
          {t('act.print')}
        </Act>
        <Act onClick={download}>
          <Download aria-hidden="true" className="size-4" />
          {t('act.download')}
        </Act>
      </div>
      <div className="mt-6 border-t border-line pt-5 print:hidden">
        <label className="flex min-h-10 items-center gap-2.5">
          <input
            type="checkbox"
            checked={isSaved}
            onChange={(event) => setSaved(event.currentTarget.checked)}
            className="size-4.5 accent-solid"
          />
          {t('codes.have')}
        </label>
        <Act wide look="solid" className="mt-3" disabled={!isSaved} onClick={onDone}>
          {t('act.done')}
        </Act>
      </div>
    </div>
  );
}
