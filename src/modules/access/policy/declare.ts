import type { Duration } from '../../../core/duration.ts';
import type { ColumnType } from './values/types.ts';

/** Columns of a table with their types. Each may be NULL. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** Types that an attribute of a principal may have. */
export type AttributeType = 'text' | 'uuid' | 'boolean' | 'integer' | 'bigint' | 'numeric' | 'text[]';

/** Attributes of principals that conditions may ask for. */
export type Attributes = Readonly<Record<string, AttributeType>>;

/** How a related row is found: one hop. */
export type RelationDeclaration =
  | {
      /** A resource of the same policy. */
      readonly resource: string;
      /** Own column to the related one. */
      readonly on: Readonly<Record<string, string>>;
    }
  | {
      /** Any other table, `schema.table` where it is not in the default schema. */
      readonly table: string;
      readonly columns: Columns;
      /** Own column to the related one. */
      readonly on: Readonly<Record<string, string>>;
    };

/** What permissions are about. */
export interface ResourceDeclaration {
  /** Table, `schema.table` where it is not in the default schema; default the resource's name. */
  readonly table?: string;
  /** Columns that conditions may compare and fields may name. */
  readonly columns?: Columns;
  /** What can be done with it; default `create`, `read`, `update`, `delete`. */
  readonly actions?: readonly string[];
  /** Related rows that `exists` may look at. */
  readonly relations?: Readonly<Record<string, RelationDeclaration>>;
}

/** Resources by name. */
export type Resources = Readonly<Record<string, ResourceDeclaration>>;

type ColumnsOf<R> = R extends { readonly columns: infer C extends Columns } ? C : {};
type RelationsOf<R> = R extends { readonly relations: infer L } ? L : {};
type ActionOf<R> = R extends { readonly actions: readonly (infer A extends string)[] } ? A : Crud;

/** Actions of a resource that names none. */
export type Crud = 'create' | 'read' | 'update' | 'delete';

interface Literals {
  readonly text: string;
  readonly uuid: string;
  readonly boolean: boolean;
  readonly integer: number;
  readonly bigint: number | bigint | string;
  readonly numeric: number | string;
  readonly date: string;
  readonly timestamptz: string;
}

type ScalarType = keyof Literals;
type ItemOf<T> = T extends 'text[]' ? 'text' : T extends 'integer[]' ? 'integer' : never;
type NamesOf<All, T> = { readonly [K in keyof All]: All[K] extends T ? K : never }[keyof All] & string;

/** Facts of a principal that a column of type `T` may be compared with. */
type FactOf<T, A> =
  | (T extends 'text' | 'uuid' | 'integer' | 'bigint' ? 'id' | 'tenant' : never)
  | (T extends 'text' ? 'kind' : never)
  | NamesOf<A, T>;

type Moment = { readonly now: true } | { readonly ago: Duration } | { readonly ahead: Duration };

/** The right-hand side of a comparison: a literal, a column of the same row, a fact of the principal, or a moment. */
export type Operand<T extends ScalarType, C, A> =
  | Literals[T]
  | { readonly column: NamesOf<C, T> }
  | { readonly principal: FactOf<T, A> }
  | (T extends 'timestamptz' ? Moment : never);

type Compared<C, A, Types extends ScalarType> = {
  readonly [K in NamesOf<C, Types>]?: Operand<C[K] & Types, C, A>;
};
type Ordered = Exclude<ScalarType, 'boolean'>;
type ListOf<T, A> = T extends ScalarType
  ? | readonly Literals[T][]
    | {
        readonly principal:
          (T extends 'text' ? 'roles' : never) | (T extends 'text' ? NamesOf<A, 'text[]'> : never);
      }
  : never;

/** Days of the week. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/**
 * A part of the week in a named zone. `from` counts, `to` does not; where `from` is after `to` the window goes over
 * midnight, and each side counts to its own day.
 */
export interface TimeWindow {
  /** Default every day. */
  readonly days?: readonly Weekday[];
  /** `HH:MM`, default `00:00`. */
  readonly from?: string;
  /** `HH:MM`, default `24:00`. */
  readonly to?: string;
  /** A name of the IANA database such as `Asia/Riyadh`. */
  readonly zone: string;
}

/** A proof of a factor that is recent. */
export interface Freshness {
  /** Kind of factor; default any. */
  readonly factor?: string;
  readonly within: Duration;
}

/** Conditions that look at the person and the moment, not at a row. */
export type FactCondition<Role extends string, A> =
  | true
  | { readonly role: Role }
  | { readonly principal: { readonly [K in keyof A | 'id' | 'kind' | 'tenant']?: string | number | boolean } }
  | { readonly fresh: Freshness }
  | { readonly time: TimeWindow }
  | { readonly custom: string };

type RelatedColumns<L, Res> = L extends { readonly resource: infer N }
  ? N extends keyof Res
    ? ColumnsOf<Res[N]>
    : {}
  : ColumnsOf<L>;

type RowCondition<C, A> =
  | { readonly owner: NamesOf<C, 'text' | 'uuid' | 'bigint' | 'integer'> }
  | { readonly eq: Compared<C, A, ScalarType> }
  | { readonly ne: Compared<C, A, ScalarType> }
  | { readonly lt: Compared<C, A, Ordered> }
  | { readonly lte: Compared<C, A, Ordered> }
  | { readonly gt: Compared<C, A, Ordered> }
  | { readonly gte: Compared<C, A, Ordered> }
  | { readonly in: { readonly [K in NamesOf<C, ScalarType>]?: ListOf<C[K], A> } }
  | {
      readonly contains: {
        readonly [K in NamesOf<C, 'text[]' | 'integer[]'>]?: Operand<ItemOf<C[K]>, C, A>;
      };
    }
  | { readonly isNull: keyof C & string };

/**
 * A condition: plain data with one operator. Where an operator names several columns, all must hold. What is NULL or
 * missing makes a comparison unknown, in `ne` and under `not` too, as in SQL; unknown never allows, and denies where the
 * condition stands under `cannot`. Text compares by code point, `numeric` exactly, `timestamptz` in microseconds.
 */
export type Condition<C = Columns, Relations = {}, Res = {}, Role extends string = string, A = Attributes> =
  | FactCondition<Role, A>
  | RowCondition<C, A>
  | { readonly and: readonly Condition<C, Relations, Res, Role, A>[] }
  | { readonly or: readonly Condition<C, Relations, Res, Role, A>[] }
  | { readonly not: Condition<C, Relations, Res, Role, A> }
  | {
      readonly exists: {
        readonly [K in keyof Relations]?: Condition<RelatedColumns<Relations[K], Res>, {}, {}, Role, A>;
      };
    };

type ActionsOf<Res> = { readonly [K in keyof Res]: ActionOf<Res[K]> }[keyof Res];

/** Permissions of declared resources: `orders:read`. */
export type PermissionsOf<Res> = {
  readonly [K in keyof Res & string]: `${K}:${ActionOf<Res[K]>}`;
}[keyof Res & string];

type ConditionOf<R, Res, Role extends string, A> = Condition<ColumnsOf<R>, RelationsOf<R>, Res, Role, A>;

/** Rules of a role: permission or pattern (`orders:*`, `*:read`, `*`) to a condition. */
export type Rules<Res, Role extends string, A> = {
  readonly [K in keyof Res & string as `${K}:${ActionOf<Res[K]> | '*'}`]?: ConditionOf<Res[K], Res, Role, A>;
} & {
  readonly [K in `*:${ActionsOf<Res>}` | '*']?: FactCondition<Role, A>;
};

/** Fields of a resource that a role may read and write. */
export type FieldRules<C> =
  | 'all'
  | {
      readonly read?: 'all' | readonly (keyof C & string)[];
      readonly write?: 'all' | readonly (keyof C & string)[];
    };

/** What a role may do. */
export interface RoleDeclaration<Res, Role extends string, A> {
  /** Roles whose rules and fields it has too. */
  readonly inherits?: readonly Role[];
  readonly can?: Rules<Res, Role, A>;
  /** Refuses whatever any role allows. */
  readonly cannot?: Rules<Res, Role, A>;
  /**
   * Fields by resource. Where no role of the policy names fields of a resource, all its columns are open to whoever has
   * the row; where one does, a role that names none has none.
   */
  readonly fields?: 'all' | { readonly [K in keyof Res]?: FieldRules<ColumnsOf<Res[K]>> };
}

/** A policy as plain data: what a file can hold and the console can show. Checked by `createAccess`. */
export interface PolicyDeclaration {
  readonly resources?: Resources;
  readonly attributes?: Attributes;
  readonly roles: Readonly<Record<string, object>>;
}

/** A declared policy. `P` are its permissions, `R` its resources; only types carry them. */
export interface AccessPolicy<
  P extends string = string,
  R extends string = string,
> extends PolicyDeclaration {
  /** Only for the type. */
  readonly '~names'?: { readonly permission: P; readonly resource: R };
}

type KeysOf<T> = T extends unknown ? keyof T : never;
type NamedIn<Role> =
  | KeysOf<Role>
  | KeysOf<Role extends { readonly can: infer C } ? C : never>
  | KeysOf<Role extends { readonly cannot: infer C } ? C : never>;
type PlainPermission<K> = K extends `${infer R}:${infer A}` ? ('*' extends R | A ? never : K) : never;

/** Rules of the short form, where columns are not declared. */
export type LooseRules = { readonly [K in `${string}:${string}`]?: LooseCondition } & {
  readonly '*'?: LooseCondition;
};

/** A condition over columns that are not declared: literals give the type, facts of principals are text. */
export type LooseCondition =
  | FactCondition<string, Record<string, never>>
  | { readonly owner: string }
  | { readonly [K in 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte']?: Readonly<Record<string, LooseOperand>> }
  | { readonly in: Readonly<Record<string, readonly string[] | readonly number[]>> }
  | { readonly isNull: string }
  | { readonly and: readonly LooseCondition[] }
  | { readonly or: readonly LooseCondition[] }
  | { readonly not: LooseCondition };

type LooseOperand = string | number | boolean | { readonly principal: 'id' | 'kind' | 'tenant' };

/** A role of the short form: its rules, or a declaration with them. */
export type LooseRole =
  | LooseRules
  | { readonly inherits?: readonly string[]; readonly can?: LooseRules; readonly cannot?: LooseRules };

/**
 * Declares who may do what. Names of roles, resources, actions and columns are types: a typo does not compile.
 * The short form names no resources; they come from the permissions that are named.
 */
export function defineAccess<
  const Res extends Resources,
  Role extends string,
  const A extends Attributes = {},
>(policy: {
  readonly resources: Res;
  readonly attributes?: A;
  readonly roles: {
    readonly [K in Role]:
      RoleDeclaration<Res, NoInfer<Role>, NoInfer<A>> | Rules<Res, NoInfer<Role>, NoInfer<A>>;
  };
}): AccessPolicy<PermissionsOf<Res>, keyof Res & string>;
export function defineAccess<const Roles extends Readonly<Record<string, LooseRole>>>(policy: {
  readonly roles: Roles;
}): AccessPolicy<PlainPermission<NamedIn<Roles[keyof Roles]>>>;
export function defineAccess(policy: PolicyDeclaration): AccessPolicy {
  return policy;
}
