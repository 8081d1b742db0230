import {
  type BlindIndex,
  type EncryptedTable,
  type FieldCipher,
  keyOfBox,
  keyOfField,
  keyOfIndex,
  type KeyPurpose,
  type RowId,
  type SecretBox,
} from '../../base/secrets/index.ts';

/** A row of a sealed table: its key, its tenant, and its sealed columns. */
export type SealedRow = Readonly<Record<string, unknown>>;

/** A column whose texts a key makes. */
export interface SealedColumn {
  readonly name: string;
  readonly purpose: KeyPurpose;
  /** What every text of a key begins with, for the database to count by. */
  readonly prefix: (kid: string) => string;
  readonly keyOf: (text: string) => string | undefined;
  /**
   * The same value under the key that seals now.
   * @throws RampartError when the row's text cannot be opened
   */
  readonly reseal: (row: SealedRow) => string;
}

/** A table with such columns, which a rotation can go through by its primary key. */
export interface SealedTable {
  /** With its schema. */
  readonly table: string;
  readonly key: string;
  readonly tenant?: string | undefined;
  readonly columns: readonly SealedColumn[];
}

/** What a rotation does with a declared table. */
export function sealedTable(given: EncryptedTable): SealedTable {
  const tenantOf = (row: SealedRow): RowId | undefined =>
    given.tenant === undefined ? undefined : (row[given.tenant] as RowId);
  const columns = given.parts().flatMap(({ name, cipher, index }) => {
    const open = (row: SealedRow): unknown =>
      cipher.open(row[name] as string, row[given.key] as RowId, tenantOf(row));
    const field = fieldColumn(name, cipher, (row) =>
      cipher.seal(open(row), row[given.key] as RowId, tenantOf(row)),
    );
    if (index === undefined) return [field];
    return [
      field,
      indexColumn(index.column, index.of, (row) => index.of.of(open(row) as string, tenantOf(row))),
    ];
  });
  return { table: given.table, key: given.key, tenant: given.tenant, columns };
}

function fieldColumn(
  name: string,
  cipher: FieldCipher<unknown>,
  reseal: SealedColumn['reseal'],
): SealedColumn {
  return {
    name,
    purpose: cipher.ring.purpose as KeyPurpose,
    prefix: (kid) => `rf1.${kid}.`,
    keyOf: keyOfField,
    reseal,
  };
}

function indexColumn(name: string, index: BlindIndex, reseal: SealedColumn['reseal']): SealedColumn {
  return {
    name,
    purpose: index.ring.purpose as KeyPurpose,
    prefix: (kid) => `${kid}.`,
    keyOf: keyOfIndex,
    reseal,
  };
}

/** A column that a box seals, and the context that it seals a row's text under. */
export interface BoxedColumn {
  readonly table: string;
  readonly key: string;
  readonly column: string;
  readonly contextOf: (id: string) => string;
}

/** What a rotation does with a column of a box. */
export function boxedTable({ table, key, column, contextOf }: BoxedColumn, box: SecretBox): SealedTable {
  return {
    table,
    key,
    columns: [
      {
        name: column,
        purpose: 'identity',
        prefix: (kid) => `rb1.${kid}.`,
        keyOf: keyOfBox,
        reseal(row) {
          const context = contextOf(row[key] as string);
          return box.seal(box.open(row[column] as string, context), context);
        },
      },
    ],
  };
}
