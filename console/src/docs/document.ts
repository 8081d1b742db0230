/** The parts of an OpenAPI 3.1 document that the reference page reads. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}
export interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}
export type Content = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;
export interface Answer {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Content;
}
interface RawOperation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly $ref?: string;
    readonly description?: string;
    readonly content?: Content;
  };
  readonly responses?: Readonly<Record<string, Answer>>;
}
export interface ApiDocument {
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly summary?: string;
    readonly description?: string;
  };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: {
    readonly securitySchemes?: Readonly<Record<string, { readonly type?: string; readonly scheme?: string }>>;
  };
  readonly security?: readonly object[];
}

/** One operation, ready to be drawn. */
export interface Operation {
  /** Part after `#` that leads here. */
  readonly anchor: string;
  /** Upper case. */
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly isDeprecated: boolean;
  /** Nobody may call it without showing who they are. */
  readonly isProtected: boolean;
  /** A bearer token is one of the ways to do so. */
  readonly takesBearer: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Content | null;
  readonly responses: readonly (readonly [string, Answer])[];
}
export interface Group {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;

/** Operations by their first tag: tags in the order the document declares them, then those it forgot to. */
export function groupsOf(document: ApiDocument): readonly Group[] {
  const groups = new Map<string, Operation[]>((document.tags ?? []).map(({ name }) => [name, []]));
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    const shared = (item['parameters'] ?? []) as readonly Parameter[];
    for (const method of METHODS) {
      const raw = item[method] as RawOperation | undefined;
      if (raw === undefined) continue;
      const name = raw.tags?.[0] ?? 'Other';
      groups.set(name, [...(groups.get(name) ?? []), toOperation(document, path, method, raw, shared)]);
    }
  }
  return [...groups]
    .filter(([, operations]) => operations.length > 0)
    .map(([name, operations]) => ({
      name,
      operations,
      description: document.tags?.find((tag) => tag.name === name)?.description ?? '',
    }));
}

function toOperation(
  document: ApiDocument,
  path: string,
  method: string,
  raw: RawOperation,
  shared: readonly Parameter[],
): Operation {
  const parameters = [...shared, ...(raw.parameters ?? [])].map((one) => resolve(document, one));
  const security = raw.security ?? document.security ?? [];
  const body = raw.requestBody === undefined ? null : (resolve(document, raw.requestBody).content ?? null);
  return {
    anchor: raw.operationId ?? `${method}${path.replaceAll(/[^\w]+/g, '-')}`,
    method: method.toUpperCase(),
    path,
    summary: raw.summary ?? path,
    description: raw.description ?? '',
    isDeprecated: raw.deprecated === true,
    isProtected: security.length > 0 && security.every((one) => Object.keys(one).length > 0),
    takesBearer: security.some((one) => Object.keys(one).some((name) => isBearer(document, name))),
    parameters,
    body,
    responses: Object.entries(raw.responses ?? {}).map(([status, one]) => [status, resolve(document, one)]),
  };
}

function isBearer(document: ApiDocument, name: string): boolean {
  const scheme = document.components?.securitySchemes?.[name];
  return scheme?.type === 'http' && scheme.scheme === 'bearer';
}

/** Follows `#/a/b` references within the document; what leads nowhere stays as it is. */
export function resolve<T extends object>(document: ApiDocument, value: T): T {
  let found: unknown = value;
  for (let depth = 0; depth < 8; depth++) {
    const reference = (found as { $ref?: unknown }).$ref;
    if (typeof reference !== 'string' || !reference.startsWith('#/')) break;
    let next: unknown = document;
    for (const part of reference.slice(2).split('/')) {
      next = (next as Record<string, unknown> | undefined)?.[
        part.replaceAll('~1', '/').replaceAll('~0', '~')
      ];
    }
    if (typeof next !== 'object' || next === null) break;
    found = next;
  }
  return found as T;
}

/** Groups with only the operations in which every typed word occurs. */
export function search(groups: readonly Group[], typed: string): readonly Group[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return groups;
  return groups
    .map((group) => ({
      ...group,
      operations: group.operations.filter(({ method, path, summary }) => {
        const text = `${group.name} ${method} ${path} ${summary}`.toLowerCase();
        return words.every((word) => text.includes(word));
      }),
    }))
    .filter(({ operations }) => operations.length > 0);
}
