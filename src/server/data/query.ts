import { sqlBuilder } from '../../base/database/index.ts';
import type { Tables } from './tables.ts';

/** Builds statements over the server's tables. */
export const db = sqlBuilder<Tables>();

export { affected, firstRow, rows } from '../../base/database/index.ts';
