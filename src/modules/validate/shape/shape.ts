import type { StandardSchema } from '../../../core/standard-schema.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { isValibot, valibotSchema } from './valibot.ts';

/** What is known of what a schema takes. */
export interface Shape {
  /** Keys by name, where the schema names any. */
  readonly keys: ReadonlyMap<string, Shape> | undefined;
  /** What the schema itself says of other keys: nothing, that it refuses them, or that it takes them. */
  readonly others: 'unsaid' | 'refused' | 'taken';
  /** Items of a list. */
  readonly items: Shape | undefined;
  /** `string`, `number`, `integer`, `boolean`; undefined for anything else, or several. */
  readonly type: string | undefined;
  /** `email`, `uuid`, `date` and the like, as JSON Schema names them. */
  readonly format: string | undefined;
  /** One of a closed list of values, as text. */
  readonly values: readonly string[] | undefined;
  /** What was declared with `declared()`: `html`, `code`, `secret`. */
  readonly holds: string | undefined;
}

/** JSON Schema as far as it is read here. */
export interface Described {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  /** Of a field that may be left out. */
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: unknown;
  readonly items?: Described | false;
  readonly anyOf?: readonly Described[];
  readonly oneOf?: readonly Described[];
  readonly allOf?: readonly Described[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Described>>;
  readonly 'x-rampart-holds'?: string;
}

/** Levels of a schema that are read; what refers to itself ends here. */
const MAX_LEVELS = 24;
const UNKNOWN: Shape = {
  keys: undefined,
  others: 'taken',
  items: undefined,
  type: undefined,
  format: undefined,
  values: undefined,
  holds: undefined,
};

/** What a schema takes, as far as it tells; undefined where it tells nothing. */
export function shapeOf(schema: StandardSchema): Shape | undefined {
  const described = isValibot(schema) ? valibotSchema(schema) : jsonSchemaOf(schema);
  if (described === undefined) return undefined;
  return new Reader(described).read(described, 0);
}

class Reader {
  readonly #root: Described;
  readonly #refs = new Map<string, Shape>();

  constructor(root: Described) {
    this.#root = root;
  }

  read(node: Described, level: number): Shape {
    if (level > MAX_LEVELS) return UNKNOWN;
    if (node.$ref !== undefined) return this.#ref(node.$ref, level);
    const branches = node.anyOf ?? node.oneOf ?? node.allOf;
    const own = this.#own(node, level);
    if (branches === undefined) return own;
    const shapes = branches.filter((one) => one.type !== 'null').map((one) => this.read(one, level + 1));
    return merged(node.properties === undefined ? shapes : [own, ...shapes], own);
  }

  #own(node: Described, level: number): Shape {
    const { properties, items, format, type } = node;
    const keys =
      properties &&
      new Map(Object.entries(properties).map(([name, one]) => [name, this.read(one, level + 1)]));
    return {
      keys,
      others: othersOf(node),
      items: items ? this.read(items, level + 1) : undefined,
      type: typeof type === 'string' ? type : undefined,
      format,
      values: valuesOf(node),
      holds: node['x-rampart-holds'],
    };
  }

  #ref(ref: string, level: number): Shape {
    const known = this.#refs.get(ref);
    if (known !== undefined) return known;
    const target = ref === '#' ? this.#root : this.#root.$defs?.[ref.replace('#/$defs/', '')];
    if (target === undefined) return UNKNOWN;
    // Filled once it is read: what refers to itself finds the very object.
    const shape = { ...UNKNOWN };
    this.#refs.set(ref, shape);
    return Object.assign(shape, this.read(target, level + 1));
  }
}

function valuesOf(node: Described): readonly string[] | undefined {
  const values = node.enum ?? (node.const === undefined ? undefined : [node.const]);
  return values?.map(String);
}

function othersOf(node: Described): Shape['others'] {
  if (node.properties === undefined) return 'taken';
  if (node.additionalProperties === undefined) return 'unsaid';
  return node.additionalProperties === false ? 'refused' : 'taken';
}

/** What any of several may be. */
function merged(shapes: readonly Shape[], own: Shape): Shape {
  const [first] = shapes;
  if (first === undefined) return own;
  if (shapes.length === 1) return { ...first, holds: own.holds ?? first.holds };
  const same = <K extends 'type' | 'format' | 'items' | 'holds'>(name: K): Shape[K] | undefined =>
    shapes.every((one) => one[name] === first[name]) ? first[name] : undefined;
  const objects = shapes.filter(({ keys }) => keys !== undefined);
  const keys = new Map<string, Shape>();
  for (const shape of objects) {
    for (const [name, one] of shape.keys as ReadonlyMap<string, Shape>)
      keys.set(name, keys.has(name) ? merged([keys.get(name) as Shape, one], UNKNOWN) : one);
  }
  return {
    keys: objects.length === 0 ? undefined : keys,
    others: objects.length === 0 ? 'taken' : loosest(objects),
    items: same('items'),
    type: own.type ?? same('type'),
    format: own.format ?? same('format'),
    values: shapes.every(({ values }) => values !== undefined)
      ? shapes.flatMap(({ values = [] }) => values)
      : undefined,
    holds: own.holds ?? same('holds'),
  };
}

function loosest(shapes: readonly Shape[]): Shape['others'] {
  if (shapes.some(({ others }) => others === 'taken')) return 'taken';
  return shapes.some(({ others }) => others === 'unsaid') ? 'unsaid' : 'refused';
}
