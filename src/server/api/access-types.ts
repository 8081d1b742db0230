/** GET /admin/roles (analyst): the policy as a matrix. */
export interface RolesAnswer {
  readonly roles: readonly {
    readonly role: string;
    /** Near ones first. */
    readonly inherits: readonly string[];
    /** In the order of `permissions`. */
    readonly cells: readonly {
      readonly permission: string;
      readonly when: 'always' | 'sometimes' | 'never';
      /** Conditions in words; empty for `always` and `never`. */
      readonly text: string;
      readonly inProcessOnly: boolean;
    }[];
    /** Needs two people. */
    readonly needsApproval: boolean;
  }[];
  readonly permissions: readonly string[];
  readonly policyVersion: string;
  /** Roles that nobody holds together. */
  readonly separate: readonly { readonly roles: readonly [string, string]; readonly reason: string }[];
  /** What becomes of requests whose route has no rule. */
  readonly unlisted: 'deny' | 'allow';
  /** Rules of `routes` that say nothing of access. */
  readonly rulesWithoutAccess: readonly string[];
}

/** One condition that was looked at. */
export interface ExplainedCondition {
  readonly kind: string;
  readonly outcome: 'true' | 'false' | 'unknown';
  readonly text: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly note?: string;
  readonly parts?: readonly ExplainedCondition[];
}
/** POST /admin/access/explain (analyst): would this subject be allowed, and why. */
export interface ExplainRequest {
  /** Id of a principal. Its roles are looked up unless `roles` are given. */
  readonly subject: string;
  readonly roles?: readonly string[];
  readonly permission: string;
  readonly row?: Readonly<Record<string, unknown>>;
}
export interface ExplainAnswer {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly permission: string;
  readonly allowed: boolean;
  readonly reason: string;
  readonly decidedBy: string | null;
  readonly rules: readonly {
    readonly rule: string;
    readonly effect: 'allow' | 'deny';
    readonly role: string;
    readonly inheritedFrom?: string;
    readonly outcome: 'true' | 'false' | 'unknown';
    readonly decided: boolean;
    readonly condition: ExplainedCondition;
  }[];
  readonly unknownRoles: readonly string[];
  readonly shortened: boolean;
  readonly policyVersion: string;
}
/** POST /admin/access/who-can (analyst) { permission, row? }: roles that have a permission, for a row if one is given. */
export interface WhoCanAnswer {
  readonly permission: string;
  readonly holders: readonly {
    readonly role: string;
    readonly when: 'always' | 'sometimes';
    readonly rules: readonly {
      readonly rule: string;
      readonly effect: 'allow' | 'deny';
      readonly text: string;
    }[];
    readonly forRow?: string;
    /** Subjects to whom the role is assigned now; at most 20. */
    readonly assigned: readonly string[];
  }[];
}

/** A role that somebody holds or held. */
export interface AssignmentEntry {
  readonly id: string;
  readonly subject: string;
  readonly role: string;
  readonly reason: string;
  readonly grantedBy: string;
  readonly grantedAtMs: number;
  readonly expiresAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly endedBy: string | null;
}
/**
 * GET /admin/access/assignments?subject=&role=&all=&cursor=&limit= (analyst). Writes are for administrators, with a second
 * factor proven 10 minutes ago at most: POST { subject, role, reason, expiresAtMs? } · PATCH /:id { expiresAtMs } ·
 * DELETE /:id; each answers with the assignment.
 */
export interface AssignmentsAnswer {
  readonly assignments: readonly AssignmentEntry[];
  readonly nextCursor: string | null;
}

/** Somebody's wish for a role. */
export interface RoleRequestEntry {
  readonly id: string;
  readonly subject: string;
  readonly role: string;
  readonly reason: string;
  readonly expiresAtMs: number | null;
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  readonly state: 'open' | 'approved' | 'refused';
  readonly decidedBy: string | null;
  readonly decidedAtMs: number | null;
  readonly note: string | null;
}
/** GET /admin/access/requests?state= (analyst) · POST as for assignments · POST /:id/approve { note } · /:id/refuse { note }. */
export interface RoleRequestsAnswer {
  readonly requests: readonly RoleRequestEntry[];
  readonly nextCursor: string | null;
}

/** An account of a program. */
export interface ServiceEntry {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly responsible: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly disabledAtMs: number | null;
  readonly disabledBy: string | null;
  readonly keys: number;
}
/** GET /admin/access/services (analyst) · POST { name, about?, responsible } · POST /:id/disable · /:id/enable. */
export interface ServicesAnswer {
  readonly services: readonly ServiceEntry[];
  readonly nextCursor: string | null;
}

/** An API key, without its secret. */
export interface ApiKeyEntry {
  readonly id: string;
  readonly service: string;
  readonly name: string;
  readonly hint: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly replacedBy: string | null;
  readonly revokedAtMs: number | null;
  readonly revokedBy: string | null;
}
/** GET /admin/access/keys?service= (analyst) · POST { service, name, scopes, expiresAtMs? } · POST /:id/rotate · DELETE /:id. */
export interface ApiKeysAnswer {
  readonly keys: readonly ApiKeyEntry[];
  readonly nextCursor: string | null;
}
/** A key that was made: its text is shown once. */
export interface MadeKeyAnswer {
  readonly key: ApiKeyEntry;
  /** `rk_live_…` */
  readonly text: string;
}

/** A look at who holds what. */
export interface ReviewEntry {
  readonly id: string;
  readonly name: string;
  readonly reviewer: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly dueAtMs: number;
  readonly closedAtMs: number | null;
  readonly closedBy: string | null;
  readonly items: number;
  readonly open: number;
}
/** A line of a review. */
export interface ReviewLine {
  readonly kind: 'assignment' | 'key';
  readonly target: string;
  readonly subject: string;
  readonly what: string;
  readonly lastUsedAtMs: number | null;
  readonly decision: 'keep' | 'revoke' | null;
  readonly decidedBy: string | null;
  readonly decidedAtMs: number | null;
  readonly note: string | null;
}
/** GET /admin/access/reviews (analyst) · POST { name, reviewer, dueAtMs } · POST /:id/decisions · POST /:id/close. */
export interface ReviewsAnswer {
  readonly reviews: readonly ReviewEntry[];
  readonly nextCursor: string | null;
}
/** GET /admin/access/reviews/:id (analyst). */
export interface ReviewAnswer {
  readonly review: ReviewEntry;
  readonly lines: readonly ReviewLine[];
}
