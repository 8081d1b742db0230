/** SQL: a hash of a policy `p` of pg_policy as the database has it. A later ALTER POLICY changes it. */
export const MADE = `pg_catalog.md5(pg_catalog.concat_ws('|', p.polcmd, p.polpermissive, p.polroles::text, pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)))`;
