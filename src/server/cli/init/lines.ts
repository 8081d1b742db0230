import type { Form } from './form.ts';
import type { Framework } from './project.ts';

/** The lines that make an application a guarded one, by place. */
export interface GuardLines {
  /** At the top, among the imports. */
  readonly imports: readonly string[];
  /** Right after the application is made. */
  readonly guard: readonly string[];
  /** After the last route. */
  readonly errors: readonly string[];
}

/** What an application has already and must not be given twice. */
export interface OwnHandlers {
  readonly onError: boolean;
  readonly notFound: boolean;
}

/** Writes the lines for a framework in the form of a file; `app` is the application's variable. */
export function linesFor(framework: Framework, app: string, form: Form, own: OwnHandlers): GuardLines {
  const { names, awaits } = form;
  const compose = `${names.rampart}(${names.config})`;
  const written = awaits
    ? awaitedLines(framework, app, names.guard, own)
    : promisedLines(framework, app, form, compose, own);
  const first = awaits
    ? [`const ${names.guard} = await ${compose}`]
    : framework === 'fastify'
      ? []
      : [`const ${names.guard} = ${compose}`];
  const finish = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => `${form.indent}${line}${form.semicolon}`);
  return {
    imports: importLines(framework, form),
    guard: finish([...first, ...written.guard]),
    errors: finish(written.errors),
  };
}

function importLines(framework: Framework, form: Form): readonly string[] {
  const { quote, semicolon, names, configSource } = form;
  const door = `${quote}rampart/${framework}${quote}`;
  const config = `${quote}${configSource}${quote}`;
  const renamed = names.rampart !== 'rampart';
  return form.importing === 'import'
    ? [
        `import { rampart${renamed ? ` as ${names.rampart}` : ''} } from ${door}${semicolon}`,
        `import ${names.config} from ${config}${semicolon}`,
      ]
    : [
        `const { rampart${renamed ? `: ${names.rampart}` : ''} } = require(${door})${semicolon}`,
        `const ${names.config} = require(${config}).default${semicolon}`,
      ];
}

type Body = Pick<GuardLines, 'guard' | 'errors'>;

function awaitedLines(framework: Framework, app: string, guard: string, own: OwnHandlers): Body {
  switch (framework) {
    case 'express':
      return { guard: [`${app}.use(${guard})`], errors: [`${app}.use(${guard}.errors)`] };
    case 'fastify':
      return { guard: [`await ${app}.register(${guard})`], errors: [] };
    case 'hono':
      return {
        guard: [
          `${app}.use(${guard})`,
          ...(own.onError ? [] : [`${app}.onError(${guard}.onError)`]),
          ...(own.notFound ? [] : [`${app}.notFound(${guard}.notFound)`]),
        ],
        errors: [],
      };
  }
}

/** Where nothing may wait while the application is made, each request waits for the guard: it is ready long before. */
function promisedLines(
  framework: Framework,
  app: string,
  { names: { guard }, typed }: Form,
  compose: string,
  own: OwnHandlers,
): Body {
  const errors = `(error, req, res, next) => void ${guard}.then((ready) => ready.errors(error, req, res, next), next)`;
  switch (framework) {
    case 'express':
      return {
        guard: [`${app}.use((req, res, next) => void ${guard}.then((ready) => ready(req, res, next), next))`],
        errors: [
          `${app}.use(${typed ? `(${errors}) satisfies import('express').ErrorRequestHandler` : errors})`,
        ],
      };
    case 'fastify':
      return {
        guard: [`${app}.register(${compose}.then((guard) => ({ default: guard })))`],
        errors: [],
      };
    case 'hono':
      return {
        guard: [
          `${app}.use(async (c, next) => (await ${guard})(c, next))`,
          ...(own.onError ? [] : [`${app}.onError(async (error, c) => (await ${guard}).onError(error, c))`]),
          ...(own.notFound ? [] : [`${app}.notFound(async (c) => (await ${guard}).notFound(c))`]),
        ],
        errors: [],
      };
  }
}
