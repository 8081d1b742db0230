import type { Canonical, ColumnType } from './values/types.ts';

/** Three-valued truth as a number: what is neither TRUE nor FALSE is UNKNOWN. */
export const FALSE = 0;
export const TRUE = 1;
export const UNKNOWN = 2;
export type Tri = typeof FALSE | typeof TRUE | typeof UNKNOWN;

/** A column within conditions. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** A fact of a principal: `id`, `kind`, `tenant`, `roles`, or a declared attribute. */
export interface Fact {
  readonly name: string;
  readonly attribute: boolean;
  /** Type in which it is wanted. */
  readonly type: ColumnType;
}

/** Comparisons. `ne` is read as `not eq`. */
export type Relation = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte';

/** The right-hand side. */
export type OperandNode =
  | { readonly from: 'literal'; readonly type: ColumnType; readonly value: Canonical }
  | { readonly from: 'column'; readonly column: Column }
  | { readonly from: 'principal'; readonly fact: Fact }
  | { readonly from: 'now'; readonly offsetMs: number };

/** A list to look into. */
export type ListNode =
  | { readonly from: 'literal'; readonly type: ColumnType; readonly values: readonly Canonical[] }
  | { readonly from: 'principal'; readonly fact: Fact };

/** A condition that does not look at a row. */
export type FactNode =
  | {
      readonly op: 'role';
      readonly role: string;
      /** The role itself and all that inherit from it. */
      readonly holders: readonly string[];
    }
  | {
      readonly op: 'principal';
      readonly fact: Fact;
      readonly value: Canonical;
    }
  | { readonly op: 'fresh'; readonly factor?: string; readonly withinMs: number }
  | {
      readonly op: 'time';
      /** ISO days, 1 is Monday. */
      readonly days: readonly number[];
      readonly fromMinute: number;
      readonly toMinute: number;
      readonly zone: string;
    };

/** A condition that was checked. */
export type Node =
  | FactNode
  | { readonly op: 'always' }
  | {
      readonly op: 'compare';
      readonly relation: Relation;
      readonly column: Column;
      readonly right: OperandNode;
    }
  | { readonly op: 'in'; readonly column: Column; readonly list: ListNode }
  | { readonly op: 'contains'; readonly column: Column; readonly right: OperandNode }
  | { readonly op: 'isNull'; readonly column: Column }
  | { readonly op: 'and' | 'or'; readonly parts: readonly Node[] }
  | { readonly op: 'not'; readonly part: Node }
  | { readonly op: 'exists'; readonly relation: RelationNode; readonly where: Node }
  | { readonly op: 'custom'; readonly name: string };

/** How a related row is found. */
export interface RelationNode {
  readonly name: string;
  readonly table: TableName;
  /** Resource that the table belongs to, where it is one. */
  readonly resource?: string;
  readonly on: readonly { readonly own: Column; readonly related: Column }[];
}

/** A table; without a schema it is found on the search path. */
export interface TableName {
  readonly schema?: string;
  readonly name: string;
}

/** A rule of one role, for the permissions that its pattern covers. */
export interface Rule {
  /** `customer can orders:read`. */
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  readonly role: string;
  readonly pattern: string;
  readonly node: Node;
}

/** A resource that was checked. */
export interface ResourceModel {
  readonly name: string;
  readonly table: TableName;
  readonly actions: readonly string[];
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<
    string,
    { readonly node: RelationNode; readonly columns: ReadonlyMap<string, Column> }
  >;
  /** Whether it was declared with columns: only then fields and row-level security mean something. */
  readonly declared: boolean;
}

/** Fields of a role for a resource. */
export interface FieldSet {
  readonly read: ReadonlySet<string>;
  readonly write: ReadonlySet<string>;
}

/** A role that was checked. */
export interface RoleModel {
  readonly name: string;
  /** Itself and all that it inherits from, near ones first. */
  readonly line: readonly string[];
  /** Rules of the whole line, by permission. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  /** Fields of the whole line, by resource. */
  readonly fields: ReadonlyMap<string, FieldSet>;
}

/** A policy that was checked. */
export interface Model {
  readonly version: string;
  readonly resources: ReadonlyMap<string, ResourceModel>;
  readonly roles: ReadonlyMap<string, RoleModel>;
  readonly permissions: readonly string[];
}
