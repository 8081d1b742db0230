import { WordTable, words } from '../word-table.ts';

/** What a word means in SQL, over the dialects; 0 is any other word. */
export const SQL = {
  and: 1,
  or: 2,
  not: 3,
  union: 4,
  select: 5,
  from: 6,
  where: 7,
  /** `all`, `distinct`, `top`: stand after `select` and `union`. */
  filler: 8,
  /** `like`, `regexp`, `glob`, `in`, `is`, `between` … */
  compares: 9,
  null: 10,
  order: 11,
  group: 12,
  by: 13,
  having: 14,
  limit: 15,
  into: 16,
  /** `insert`, `update`, `delete`, `drop` … : begins a statement. */
  statement: 17,
  /** `table`, `database`, `user` … : follows `drop`, `create`, `alter`. */
  object: 18,
  case: 19,
  when: 20,
  thereupon: 21,
  exec: 22,
  declare: 23,
  waitfor: 24,
  delay: 25,
  outfile: 26,
  set: 27,
  values: 28,
  as: 29,
  end: 30,
  else: 31,
  collate: 32,
  procedure: 33,
  true: 34,
  if: 35,
  copy: 36,
  div: 37,
  escape: 38,
  program: 39,
  /** Does harm or waits, and is called so nowhere else: `pg_sleep`, `xp_cmdshell`, `extractvalue`. */
  harmful: 40,
  /** A function of SQL and hardly of anything else: `group_concat`, `substr`. */
  function: 41,
  /** A function whose name is a word of other languages too: `concat`, `char`, `if`. */
  common: 42,
  /** Tables and views of the system: `information_schema`, `sqlite_master`. */
  catalog: 43,
  /** `sleep`, `benchmark`: wait, but are words elsewhere too. */
  sleep: 44,
  /** What attackers go for: `users`, `password`. */
  treasure: 45,
  /** Columns of the catalogue: `table_name`. */
  column: 46,
} as const;

const KEYWORDS: readonly (readonly [string, number])[] = [
  ...words(SQL.and, 'and && xor'),
  ...words(SQL.or, 'or ||'),
  ...words(SQL.not, 'not'),
  ...words(SQL.union, 'union intersect except minus'),
  ...words(SQL.select, 'select'),
  ...words(SQL.from, 'from'),
  ...words(SQL.where, 'where'),
  ...words(SQL.filler, 'all distinct distinctrow top sql_calc_found_rows straight_join'),
  ...words(SQL.compares, 'like ilike rlike regexp glob in is between match sounds similar isnull notnull'),
  ...words(SQL.null, 'null'),
  ...words(SQL.order, 'order'),
  ...words(SQL.group, 'group'),
  ...words(SQL.by, 'by'),
  ...words(SQL.having, 'having'),
  ...words(SQL.limit, 'limit offset fetch'),
  ...words(SQL.into, 'into'),
  ...words(
    SQL.statement,
    'insert update delete drop create alter truncate merge replace rename grant revoke',
  ),
  ...words(SQL.statement, 'shutdown handler attach detach vacuum kill load call do analyze explain begin'),
  ...words(SQL.object, 'table database user schema view index column procedure function trigger tables'),
  ...words(SQL.object, 'role login sequence extension temporary temp materialized tablespace'),
  ...words(SQL.case, 'case'),
  ...words(SQL.when, 'when'),
  ...words(SQL.thereupon, 'then'),
  ...words(SQL.exec, 'exec execute'),
  ...words(SQL.declare, 'declare'),
  ...words(SQL.waitfor, 'waitfor'),
  ...words(SQL.delay, 'delay time'),
  ...words(SQL.outfile, 'outfile dumpfile'),
  ...words(SQL.set, 'set'),
  ...words(SQL.values, 'values value'),
  ...words(SQL.as, 'as'),
  ...words(SQL.end, 'end'),
  ...words(SQL.else, 'else'),
  ...words(SQL.collate, 'collate'),
  ...words(SQL.true, 'true false'),
  ...words(SQL.if, 'if iif'),
  ...words(SQL.copy, 'copy'),
  ...words(SQL.div, 'div mod'),
  ...words(SQL.escape, 'escape'),
  ...words(SQL.program, 'program'),
];

const HARMFUL = `pg_sleep xp_cmdshell extractvalue updatexml load_file xp_regread xp_dirtree xp_fileexist
  xp_regwrite sp_oacreate sp_oamethod sp_executesql sp_password sp_makewebtask sp_start_job
  sp_addextendedproc utl_http utl_inaddr utl_file utl_smtp dbms_pipe dbms_lock dbms_ldap dbms_java
  dbms_xmlgen dbms_session dbms_utility dbms_scheduler httpuritype ctxsys openrowset opendatasource
  openquery bulkcolumn pg_read_file pg_ls_dir pg_read_binary_file pg_sleep_for pg_sleep_until
  lo_import lo_export lo_get lo_from_bytea dblink_connect dblink_send_query dblink_exec query_to_xml
  database_to_xml table_to_xml cursor_to_xml schema_to_xml randomblob zeroblob load_extension
  sys_exec sys_eval sys_get procedure_analyse gtid_subset gtid_subtract name_const receive_message
  get_host_address ordsys drithsx db_xmlquery fn_varbintohexstr fn_xe_file_target_read_file
  fn_trace_gettable fn_get_audit_file xp_logininfo xp_servicecontrol xp_availablemedia xp_enumgroups
  xp_msver xp_subdirs`;
const FUNCTIONS = `group_concat json_search json_array json_arrayagg json_value starts_with overlay concat_ws substr substring_index json_extract json_depth json_length json_keys unhex
  string_agg array_agg row_to_json json_agg jsonb_build_object json_build_object listagg wm_concat
  make_set elt ifnull nullif nvl nvl2 isnull coalesce to_char to_number to_date rawtohex hextoraw
  quote_literal chr ascii ord find_in_set locate instr position charindex patindex datalength
  octet_length char_length character_length bit_length row_count found_rows last_insert_id
  connection_id current_user session_user system_user current_database current_schema current_schemas
  current_setting user_name db_name suser_name suser_sname host_name object_id object_name col_name
  schema_name has_dbaccess is_srvrolemember is_member aes_decrypt aes_encrypt des_decrypt des_encrypt
  uncompress xmltype xmlagg xmlelement xmlparse xmlforest generate_series regexp_substr regexp_instr
  regexp_like regexp_replace regexp_matches string_to_array unnest array_to_string to_base64
  from_base64 convert_from inet_aton inet_ntoa inet6_aton unix_timestamp curdate curtime sysdate
  getdate utc_timestamp from_unixtime unlikely likely sqlite_version sqlite_compileoption_get
  sqlite_source_id ltrim rtrim lpad rpad substring is_used_lock get_lock release_lock is_free_lock
  bin soundex uuid_short row_number dense_rank dateadd datediff date_add date_sub str_to_date oct
  lcase ucase mid`;
const COMMON = `concat char version database user convert cast if count min max sum avg floor rand random round
  length len left right replace reverse lower upper trim hex md5 sha1 sha2 sha abs sign pow power mod
  exp log ceil ceiling sqrt repeat format insert decode encode greatest least now date year month day
  hour minute second exists any some row unicode nchar current_date current_timestamp schema quote
  compress crc32 password old_password var_dump iif space strcmp total changes quotename stuff choose
  conv`;
const CATALOGS = `information_schema sqlite_master sqlite_schema sqlite_temp_master pg_catalog pg_shadow pg_user
  pg_authid pg_tables pg_database pg_stat_activity pg_class pg_attribute pg_namespace pg_settings
  sysobjects syscolumns sysusers sysdatabases syslogins sysprocesses all_tables user_tables
  all_tab_columns user_tab_columns all_users dba_users dba_tables user_objects all_objects
  all_constraints v$version v$instance v$database v$session v$parameter msysobjects msysaces
  msysqueries innodb_table_stats sysmaster syscat sysibm rdb$database rdb$relations mon$database
  global_name sys_tables sys_columns sys_databases session_privs user_role_privs`;
const TREASURES = `users user passwd passwords password pwd login logins members member accounts account admin admins
  administrators customers credentials credit_cards creditcards tokens sessions secrets dual username
  email pass user_login wp_users api_keys employees`;

const TABLE = new WordTable([
  ...words(SQL.treasure, TREASURES),
  ...words(SQL.common, COMMON),
  ...words(SQL.function, FUNCTIONS),
  ...words(SQL.harmful, HARMFUL),
  ...words(SQL.catalog, CATALOGS),
  ...words(SQL.column, 'table_name column_name table_schema'),
  ...words(SQL.sleep, 'sleep benchmark'),
  ...KEYWORDS,
]);

/** What the word `text.slice(start, end)` means, in small letters. */
export function sqlWord(text: string, start: number, end: number): number {
  return TABLE.get(text, start, end);
}
