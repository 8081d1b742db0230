import { Link2, LockKeyhole } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ApiDocument, Content, Operation, Parameter, Schema } from './document.ts';
import { exampleOf, rulesOf, schemaLines, typeText } from './schema.ts';
import { Prose } from './prose.tsx';
import { TryIt } from './try-it.tsx';

/** The verb of a route. Without colour: colour means verdict in this house. */
export function Method({
  method,
  quiet = false,
}: {
  readonly method: string;
  readonly quiet?: boolean;
}): ReactNode {
  const look = quiet
    ? 'ml-auto text-faint'
    : 'rounded-md border border-edge bg-sunken px-1.5 py-0.5 font-medium';
  return (
    <span className={`font-mono text-2xs ${look}`}>{quiet && method === 'DELETE' ? 'DEL' : method}</span>
  );
}

/** One operation: what it takes, what it answers, and a form to try it. */
export function OperationCard({
  operation,
  document,
}: {
  readonly operation: Operation;
  readonly document: ApiDocument;
}): ReactNode {
  const {
    anchor,
    method,
    path,
    summary,
    description,
    isDeprecated,
    isProtected,
    parameters,
    body,
    responses,
  } = operation;
  return (
    <article
      id={anchor}
      aria-label={summary}
      className="scroll-mt-6 rounded-xl border border-line bg-panel target:border-control"
    >
      <header className="group/row px-5 pt-4">
        <h3 className="flex flex-wrap items-center gap-x-2 gap-y-1 text-base font-semibold">
          <span className={isDeprecated ? 'line-through' : ''}>{summary}</span>
          {isDeprecated && <span className="text-xs font-medium text-challenged-text">Deprecated</span>}
          {isProtected && (
            <span className="flex items-center gap-1 text-xs font-normal text-mute">
              <LockKeyhole aria-hidden="true" className="size-3" />
              Sign-in needed
            </span>
          )}
          <a
            href={`#${encodeURIComponent(anchor)}`}
            aria-label={`Link to ${summary}`}
            className="grid size-6 place-items-center rounded-md text-faint hover:text-ink reveal"
          >
            <Link2 className="size-4" />
          </a>
        </h3>
        <p className="mt-1.5 flex items-center gap-2 font-mono text-sm break-all">
          <Method method={method} />
          {path}
        </p>
        {description !== '' && (
          <p className="mt-2 max-w-2xl text-sm whitespace-pre-line text-mute">
            <Prose text={description} />
          </p>
        )}
      </header>
      <div className="space-y-5 px-5 pt-4 pb-5">
        {parameters.length > 0 && <Parameters parameters={parameters} document={document} />}
        {body && <Body title="Body" content={body} document={document} />}
        <Responses responses={responses} document={document} />
        <TryIt operation={operation} document={document} />
      </div>
    </article>
  );
}

function Parameters({
  parameters,
  document,
}: {
  readonly parameters: readonly Parameter[];
  readonly document: ApiDocument;
}): ReactNode {
  return (
    <div>
      <h4 className="mb-1 text-xs font-medium text-faint">Parameters</h4>
      <ul className="divide-y divide-line border-y border-line">
        {parameters.map(({ name, in: place, required, description, schema = {} }) => (
          <Line
            key={`${place}${name}`}
            name={name}
            type={typeText(document, schema)}
            isRequired={required === true}
            rules={[`in ${place}`, ...rulesOf(schema)]}
            description={description ?? schema.description ?? ''}
          />
        ))}
      </ul>
    </div>
  );
}

function Line({
  name,
  type,
  isRequired,
  rules,
  description,
  depth = 0,
}: {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly rules: readonly string[];
  readonly description: string;
  readonly depth?: number;
}): ReactNode {
  return (
    <li className="grid items-baseline gap-x-4 py-2 text-sm sm:grid-cols-[14rem_1fr]">
      <p className="min-w-0 break-all" style={{ paddingLeft: `${depth}rem` }}>
        <span className="font-mono text-xs font-medium">{name}</span>
        {isRequired && <span className="ml-1.5 text-2xs text-mute">required</span>}
      </p>
      <div className="min-w-0">
        <p className="text-xs text-mute">
          <span className="font-mono">{type}</span>
          {rules.length > 0 && <span className="text-faint"> · {rules.join(' · ')}</span>}
        </p>
        {description !== '' && (
          <p className="mt-0.5 text-mute">
            <Prose text={description} />
          </p>
        )}
      </div>
    </li>
  );
}

function Body({
  title,
  content,
  document,
}: {
  readonly title: string;
  readonly content: Content;
  readonly document: ApiDocument;
}): ReactNode {
  const [type, media] = Object.entries(content)[0] ?? [];
  if (type === undefined || media === undefined) return null;
  return (
    <div>
      <h4 className="mb-1 text-xs font-medium text-faint">
        {title} <span className="font-mono font-normal">{type}</span>
      </h4>
      <SchemaView schema={media.schema ?? {}} example={media.example} document={document} />
    </div>
  );
}

function SchemaView({
  schema,
  example,
  document,
}: {
  readonly schema: Schema;
  readonly example: unknown;
  readonly document: ApiDocument;
}): ReactNode {
  const lines = schemaLines(document, schema);
  const value = example ?? exampleOf(document, schema);
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,20rem)]">
      {lines.length === 0 ? (
        <p className="border-y border-line py-2 font-mono text-xs text-mute">{typeText(document, schema)}</p>
      ) : (
        <ul className="self-start divide-y divide-line border-y border-line">
          {lines.map((line, at) => (
            <Line key={`${at}${line.name}`} {...line} />
          ))}
        </ul>
      )}
      <pre
        tabIndex={0}
        className="max-h-80 self-start overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs leading-relaxed quiet-scroll"
      >
        {JSON.stringify(value, null, 2)}
      </pre>
    </div>
  );
}

/** Answers by status; one is open at a time. */
function Responses({
  responses,
  document,
}: {
  readonly responses: Operation['responses'];
  readonly document: ApiDocument;
}): ReactNode {
  const [open, setOpen] = useState(responses[0]?.[0]);
  const current = responses.find(([status]) => status === open)?.[1];
  if (responses.length === 0) return null;
  return (
    <div>
      <h4 className="mb-1.5 text-xs font-medium text-faint">Answers</h4>
      <div className="mb-3 flex flex-wrap gap-1.5">
        {responses.map(([status, { description }]) => (
          <button
            key={status}
            type="button"
            aria-pressed={status === open}
            onClick={() => setOpen(status)}
            className="flex min-h-7 items-center gap-1.5 rounded-md border border-line px-2 py-1 text-left text-xs text-mute hover:bg-hover aria-pressed:border-control aria-pressed:text-ink"
          >
            <span className="font-mono font-medium">{status}</span>
            <span>
              <Prose text={description ?? ''} />
            </span>
          </button>
        ))}
      </div>
      {current?.content ? (
        <Body title="" content={current.content} document={document} />
      ) : (
        <p className="text-sm text-mute">No body.</p>
      )}
    </div>
  );
}
