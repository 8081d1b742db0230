import { OptionsError } from '../../core/errors.ts';
import { type BlindIndex, blindIndex } from './blind-index.ts';
import { type FieldCipher, fieldCipher, fieldUnreadable, keyOfField, type RowId } from './field.ts';
import type { KeyRing } from './ring.ts';
import type { FieldType } from './values.ts';

/** How a column is encrypted. */
export interface EncryptedColumn {
  /** Default `string`. */
  readonly type?: FieldType;
  /** `payment` for card data: keys of its own. Default `fields`. */
  readonly purpose?: 'fields' | 'payment';
  /** A column beside it by which equal values are found; texts alone can have one. */
  readonly index?: {
    readonly column: string;
    /** What counts as equal; default: the very same text. */
    readonly normalise?: (text: string) => string;
    /** 16 to 256 in steps of 8, default 128. */
    readonly bits?: number;
  };
}

/** A table with encrypted columns, all of type `text` in the database. */
export interface EncryptedTableOptions {
  /** With its schema, such as `public.customers`. */
  readonly table: string;
  /** Primary key, one column: what its rows are told apart by. It must be known before a row is encrypted. */
  readonly key: string;
  /** Column of the tenant, where there is one: a field then opens in its own tenant alone. */
  readonly tenant?: string;
  readonly columns: Readonly<Record<string, EncryptedColumn>>;
}

/** Rings by purpose, and how they are read again when a text names a key that is not known yet. */
export interface Rings {
  ring(purpose: 'fields' | 'payment' | 'index'): KeyRing;
  /** Reads the keys again; absent where they never change. */
  readonly refresh?: () => Promise<void>;
}

/** A row of any shape. */
export type Row = Readonly<Record<string, unknown>>;

interface Column {
  readonly name: string;
  readonly cipher: FieldCipher<unknown>;
  readonly index: { readonly column: string; readonly of: BlindIndex } | undefined;
}

/** Encrypts and decrypts rows of one table. null stays null; columns that are not declared pass as they are. */
export class EncryptedTable {
  readonly table: string;
  readonly key: string;
  readonly tenant: string | undefined;
  readonly #columns: readonly Column[];
  readonly #refresh: (() => Promise<void>) | undefined;

  /** @throws OptionsError on no column, or an index of what is no text */
  constructor(options: EncryptedTableOptions, rings: Rings) {
    this.table = options.table;
    this.key = options.key;
    this.tenant = options.tenant;
    this.#refresh = rings.refresh;
    this.#columns = Object.entries(options.columns).map(([name, given]) =>
      columnOf(options.table, name, given, rings),
    );
    if (this.#columns.length === 0) throw new OptionsError('columns', 'expected at least one');
  }

  /** Columns that it writes: the encrypted ones and their indexes. */
  get columns(): readonly string[] {
    return this.#columns.flatMap(({ name, index }) => (index === undefined ? [name] : [name, index.column]));
  }

  /**
   * A row ready to be stored; fields that it lacks are left out, so that an update of a part works too.
   * @throws TypeError when it has no primary key, or a value of another type
   */
  encrypt<R extends Row>(row: R): { [K in keyof R]: unknown } & Record<string, unknown> {
    const [id, tenant] = this.#placeOf(row);
    const result: Record<string, unknown> = { ...row };
    for (const { name, cipher, index } of this.#columns) {
      const value = row[name];
      if (value === undefined) continue;
      result[name] = value === null ? null : cipher.seal(value, id, tenant);
      if (index !== undefined)
        result[index.column] = value === null ? null : index.of.of(value as string, tenant);
    }
    return result as { [K in keyof R]: unknown } & Record<string, unknown>;
  }

  /**
   * A row as it was before; its index columns are left out.
   * @throws RampartError `FIELD_UNREADABLE`; TypeError when it lacks its primary key
   */
  decrypt(row: Row): Record<string, unknown> {
    const [id, tenant] = this.#placeOf(row);
    const result: Record<string, unknown> = { ...row };
    for (const { name, cipher, index } of this.#columns) {
      if (index !== undefined) delete result[index.column];
      const sealed = row[name];
      if (sealed === undefined || sealed === null) continue;
      if (typeof sealed !== 'string') throw fieldUnreadable();
      result[name] = cipher.open(sealed, id, tenant);
    }
    return result;
  }

  /**
   * Decrypts rows that came from the database. A key that another node has added meanwhile is read first.
   * @throws RampartError `FIELD_UNREADABLE`
   */
  async read(rows: readonly Row[]): Promise<readonly Record<string, unknown>[]> {
    if (this.#refresh !== undefined && rows.some((row) => this.#isForeign(row))) await this.#refresh();
    return rows.map((row) => this.decrypt(row));
  }

  /** Entries of an index that a value can have: `WHERE index_column = ANY($1)`. @throws TypeError without an index */
  lookup(column: string, value: string, tenant?: RowId): readonly string[] {
    const found = this.#columns.find(({ name }) => name === column)?.index;
    if (found === undefined) throw new TypeError(`${this.table}.${column} has no index`);
    return found.of.candidates(value, tenant);
  }

  /** What a rotation has to know of it. */
  parts(): readonly Column[] {
    return this.#columns;
  }

  #isForeign(row: Row): boolean {
    return this.#columns.some(({ name, cipher }) => {
      const sealed = row[name];
      const kid = typeof sealed === 'string' ? keyOfField(sealed) : undefined;
      return kid !== undefined && !cipher.ring.knows(kid);
    });
  }

  #placeOf(row: Row): readonly [RowId, RowId | undefined] {
    const id = row[this.key];
    if (!isRowId(id)) throw new TypeError(`a row of ${this.table} has no ${this.key}`);
    if (this.tenant === undefined) return [id, undefined];
    const tenant = row[this.tenant];
    if (!isRowId(tenant)) throw new TypeError(`a row of ${this.table} has no ${this.tenant}`);
    return [id, tenant];
  }
}

function isRowId(value: unknown): value is RowId {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

function columnOf(table: string, name: string, given: EncryptedColumn, rings: Rings): Column {
  const { type = 'string', purpose = 'fields', index } = given;
  if (index !== undefined && type !== 'string')
    throw new OptionsError(`columns.${name}.index`, 'only texts can have one');
  const cipher: FieldCipher<unknown> = fieldCipher<FieldType>({
    ring: rings.ring(purpose),
    table,
    column: name,
    type,
  });
  if (index === undefined) return { name, cipher, index: undefined };
  const { column, ...rest } = index;
  return {
    name,
    cipher,
    index: { column, of: blindIndex({ ring: rings.ring('index'), table, column: name, ...rest }) },
  };
}
