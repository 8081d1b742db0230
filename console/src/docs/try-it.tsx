import { Copy, Play } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { millis } from '../format/number.ts';
import { Button, INPUT, INPUT_TEXT } from '../ui/parts.tsx';
import type { ApiDocument, Operation } from './document.ts';
import { addressOf, curlOf, send } from './request.ts';
import type { Outcome } from './request.ts';
import { exampleOf } from './schema.ts';

/** Kept for the other forms of this page, and nowhere else. */
let lastBearer = '';

/** A form that makes the call, and what came back. */
export function TryIt({
  operation,
  document,
}: {
  readonly operation: Operation;
  readonly document: ApiDocument;
}): ReactNode {
  return (
    <details className="group/try rounded-lg border border-line">
      <summary className="flex h-10 list-none items-center gap-2 rounded-lg px-3 text-sm font-medium hover:bg-hover [&::-webkit-details-marker]:hidden">
        <Play aria-hidden="true" className="size-3.5 text-mute" />
        Try it
      </summary>
      <Form operation={operation} document={document} />
    </details>
  );
}

function Form({
  operation,
  document,
}: {
  readonly operation: Operation;
  readonly document: ApiDocument;
}): ReactNode {
  const media = operation.body === null ? undefined : Object.values(operation.body)[0];
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [body, setBody] = useState(() =>
    media === undefined
      ? ''
      : JSON.stringify(media.example ?? exampleOf(document, media.schema ?? {}), null, 2),
  );
  const [outcome, setOutcome] = useState<Outcome | string | null>(null);
  const [bearer, setBearer] = useState(lastBearer);
  const [isBusy, setBusy] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const address = addressOf(operation, values);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      setOutcome(await send(operation, address, body, bearer));
    } catch {
      setOutcome('No answer came.');
    }
    setBusy(false);
  };
  const copyCurl = async (): Promise<void> => {
    await navigator.clipboard.writeText(curlOf(location.origin, operation, address, body));
    setCopied(true);
  };
  return (
    <form
      className="space-y-3 border-t border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      {operation.parameters
        .filter(({ in: place }) => place === 'path' || place === 'query')
        .map(({ name, in: place, required }) => (
          <label key={name} className="grid items-center gap-x-3 gap-y-1 text-sm sm:grid-cols-[10rem_1fr]">
            <span className="font-mono text-xs">{name}</span>
            <input
              className={`${INPUT} ${INPUT_TEXT}`}
              required={required === true || place === 'path'}
              value={values[name] ?? ''}
              onChange={(event) => setValues({ ...values, [name]: event.target.value })}
            />
          </label>
        ))}
      {operation.takesBearer && (
        <label className="grid items-center gap-x-3 gap-y-1 text-sm sm:grid-cols-[10rem_1fr]">
          <span className="font-mono text-xs">bearer token</span>
          <input
            type="password"
            autoComplete="off"
            className={`${INPUT} ${INPUT_TEXT}`}
            value={bearer}
            placeholder="None: the session of this browser"
            onChange={(event) => {
              lastBearer = event.target.value.trim();
              setBearer(lastBearer);
            }}
          />
        </label>
      )}
      {media !== undefined && (
        <label className="block text-sm">
          <span className="font-mono text-xs">body</span>
          <textarea
            rows={Math.min(12, body.split('\n').length + 1)}
            spellCheck={false}
            className="mt-1 w-full rounded-md border border-edge bg-panel p-2.5 font-mono text-xs max-sm:text-[1rem]"
            value={body}
            onChange={(event) => setBody(event.target.value)}
          />
        </label>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" look="solid" disabled={isBusy}>
          Send
        </Button>
        <Button look="quiet" onClick={() => void copyCurl()}>
          <Copy aria-hidden="true" className="size-3.5" />
          {isCopied ? 'Copied' : 'Copy as curl'}
        </Button>
        <span className="min-w-0 truncate font-mono text-xs text-mute">
          {operation.method} {address}
        </span>
      </div>
      <div aria-live="polite">{outcome !== null && <Result outcome={outcome} />}</div>
    </form>
  );
}

function Result({ outcome }: { readonly outcome: Outcome | string }): ReactNode {
  if (typeof outcome === 'string') return <p className="text-sm text-blocked-text">{outcome}</p>;
  const { status, statusText, durationMs, headers, text } = outcome;
  const isGood = status < 400;
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <p className="flex items-center gap-2 border-b border-line px-3 py-2 text-sm">
        <span className={`font-medium numeric ${isGood ? 'text-good-text' : 'text-blocked-text'}`}>
          {status} {statusText}
        </span>
        <span className="ml-auto text-xs text-faint numeric">{millis(durationMs)}</span>
      </p>
      <details className="border-b border-line text-xs">
        <summary className="px-3 py-1.5 text-mute">{headers.length} headers</summary>
        <dl className="px-3 pb-2">
          {headers.map(([name, value]) => (
            <div key={name} className="flex gap-2 font-mono">
              <dt className="text-faint">{name}</dt>
              <dd className="min-w-0 break-all text-mute">{value}</dd>
            </div>
          ))}
        </dl>
      </details>
      <pre
        tabIndex={0}
        className="max-h-96 overflow-auto bg-sunken p-3 font-mono text-xs leading-relaxed quiet-scroll"
      >
        {text === '' ? 'No body.' : text}
      </pre>
    </div>
  );
}
