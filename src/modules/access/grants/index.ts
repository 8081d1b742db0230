export type { Assignment, AssignmentQuery, NewAssignment } from './assignments.ts';
export { grantsGuard, keyOf, principalNow } from './guard.ts';
export { createGrants, type Grants, type KeyIdentity } from './grants.ts';
export type { KeyFault } from './key-holder.ts';
export { KEY_PREFIX, readKey } from './key-text.ts';
export type { ApiKey, KeyQuery, MadeKey, NewKey } from './keys.ts';
export { type GrantOptions, readGrantOptions } from './options.ts';
export type {
  GrantActor,
  GrantLog,
  GrantPorts,
  GrantTransaction,
  PolicyWords,
  SubjectPort,
} from './ports.ts';
export { OVERDUE_REVIEWS, type OverdueReview } from './overdue.ts';
export type { RoleRequest } from './requests.ts';
export type { AccessReview, NewReview, ReviewDecision, ReviewItem } from './reviews.ts';
export { covers, scoped } from './scopes.ts';
export type { Separation } from './separation.ts';
export type { NewServiceAccount, ServiceAccount } from './services.ts';
export { accessOverdueColumn, accessTables } from './tables.ts';
