import { OptionsError } from '../../../core/errors.ts';
import { parsePattern, RouteTable } from '../../../core/route.ts';
import type { FieldDeclaration } from './options.ts';
import type { Policy } from './policy.ts';
import type { Place } from './types.ts';

/** What the schemas of a route say of its fields, by name; `items.quantity` in a body, where lists leave no trace. */
export interface SchemaFields {
  readonly query?: Readonly<Record<string, FieldDeclaration>>;
  readonly body?: Readonly<Record<string, FieldDeclaration>>;
}

type Kinds = ReadonlyMap<string, FieldDeclaration>;

/** The same, in the shape in which it is asked. */
export interface KnownFields {
  /** What a field of this name holds in such a place; undefined where the schema tells nothing. */
  of(place: Place, name: string): FieldDeclaration | undefined;
}

const MAX_ROUTES = 10_000;
const NOTHING: Kinds = new Map();

/**
 * What schemas say of fields, by route. It is told when a route is declared, before any request comes: inspection stands
 * before the check that the schema makes.
 */
export class DeclaredFields {
  readonly #routes = new RouteTable<KnownFields>();
  readonly #policies = new Map<KnownFields, Map<Policy, Policy>>();
  #count = 0;

  /**
   * Takes down what the schemas of a route say. Of two for one route the first counts.
   * @param route `POST /orders`, `/orders/:id`
   * @throws OptionsError for what is no pattern, or too many
   */
  add(route: string, fields: SchemaFields): void {
    const pattern = parsePattern(route);
    if (pattern === undefined) throw new OptionsError('route', 'expected a pattern such as POST /orders/:id');
    if (++this.#count > MAX_ROUTES) throw new OptionsError('route', `expected at most ${MAX_ROUTES} routes`);
    this.#routes.add(pattern, knownFields(fields));
  }

  /** The policy with what is known of the fields of a request. */
  policyFor(policy: Policy, method: string, path: string): Policy {
    if (this.#count === 0) return policy;
    const known = this.#routes.find(method, path);
    if (known === undefined) return policy;
    let made = this.#policies.get(known);
    if (made === undefined) this.#policies.set(known, (made = new Map()));
    let found = made.get(policy);
    if (found === undefined) made.set(policy, (found = { ...policy, known }));
    return found;
  }
}

function knownFields({ query = {}, body = {} }: SchemaFields): KnownFields {
  const ofQuery: Kinds = new Map(Object.entries(query));
  const ofBody: Kinds = new Map(Object.entries(body));
  const byPlace: Partial<Record<Place, Kinds>> = { query: ofQuery, form: ofBody, json: ofBody };
  return { of: (place, name) => (byPlace[place] ?? NOTHING).get(name) };
}
