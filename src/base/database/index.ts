export { createCursors, type Cursors } from './cursor.ts';
export { createDatabase, type Database, type DatabaseOptions, type DatabasePorts } from './database.ts';
export { databaseFailure, withFailures } from './failures.ts';
export { toJsonText, toSqlText } from './json-text.ts';
export {
  type CursorPage,
  cursorPage,
  type ListQuery,
  type OffsetPage,
  offsetPage,
  type OrderColumn,
} from './page.ts';
export {
  type ListPartitions,
  managePartitions,
  type MonthlyPartitions,
  type PartitionPlan,
  type PartitionReport,
} from './partitions.ts';
export { explainQuery, type PlanStep, type QueryPlan } from './plan.ts';
export {
  APPLICATION_ROLE,
  type DatabasePrincipal,
  PRINCIPAL_SETTINGS,
  type PrincipalSetting,
  principalSettings,
  settingSql,
} from './principal.ts';
export {
  QueryLog,
  type QueryLogOptions,
  type QuerySummary,
  type RepeatedStatement,
  type SlowNotice,
  type SlowStatement,
} from './query-log.ts';
export type { Replica, ReplicaOptions, ReplicaState } from './replicas.ts';
export { asRequest, watchHttpRequests } from './request-scope.ts';
export { retryContended, type RetryOptions, type RetryPorts } from './retry.ts';
export { type RoleFault, roleFaults } from './role-check.ts';
export {
  type PrincipalScope,
  principalScope,
  type ScopedOptions,
  type ScopedWork,
  type ScopeOptions,
} from './scoped.ts';
export { readSensitive, type SensitivePorts, type SensitiveRead } from './sensitive.ts';
export { affected, firstRow, rows, sqlBuilder } from './query.ts';
export { StatementCache } from './statement.ts';
export type { IndexSuggestion } from './suggest.ts';
export { watchSql } from './watched.ts';
export {
  guardKysely,
  guardPg,
  guardSql,
  type InputScope,
  inputScope,
  nodeSource,
  type RequestSource,
  type SqlGuard,
  sqlGuard,
  type SqlGuardOptions,
  type SqlGuardPorts,
  SqlInjectionError,
  webSource,
} from './sink/index.ts';
