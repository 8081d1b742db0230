export { toJsonText, toSqlText } from './json-text.ts';
export { affected, firstRow, rows, sqlBuilder } from './query.ts';
