import type {
  Access,
  AccessFacts,
  AccessPorts,
  AccessPrincipal,
  AccessRow,
  WriteVerdict,
} from '../contract.ts';
import { systemClock } from '../../../core/clock.ts';
import { type Can, decider } from './decide.ts';
import type { AccessPolicy } from './declare.ts';
import { evaluator } from './evaluate.ts';
import { explainer } from './explain.ts';
import { filters } from './filter.ts';
import type { Model } from './model.ts';
import { lintOf } from './lint.ts';
import { looksAtRow, matrixOf, whoCanOf } from './overview.ts';
import { readPolicy } from './read-policy.ts';
import { rowLevelSecurityOf } from './row-security.ts';

/**
 * Compiles a policy into its answers: the decision in the process, the filter for lists, row-level security and the
 * overviews of the console.
 * @throws OptionsError naming the path and the reason
 */
export function createAccess<P extends string, R extends string>(
  policy: AccessPolicy<P, R>,
  ports: AccessPorts = {},
): Access<P, R> {
  const { clock = systemClock, predicates = {} } = ports;
  const model = readPolicy(policy, new Set(Object.keys(predicates)));
  const now = (facts: AccessFacts | undefined): number => Math.floor(facts?.nowMs ?? clock.now());
  const compile = evaluator({ now, predicates });
  const can = decider(model, compile);
  const explain = explainer(model, compile.exact);
  const accessible = filters(model, compile.exact, now);
  const rowPermissions = new Set(
    model.permissions.filter((permission) =>
      [...model.roles.values()].some(({ rules }) =>
        rules.get(permission)?.some(({ node }) => looksAtRow(node)),
      ),
    ),
  );
  const known: ReadonlySet<string> = new Set(model.permissions);
  const fields = fieldsOf(model, can);
  const answers: Access = {
    version: model.version,
    permissions: model.permissions,
    roles: [...model.roles.keys()],
    knows: (permission): permission is string => known.has(permission),
    needsRow: (permission) => rowPermissions.has(permission),
    can,
    explain: (principal, permission, row, facts) => explain(principal, permission, row, facts),
    accessible: (principal, permission, facts, options) => accessible(principal, permission, facts, options),
    ...fields,
    whoCan: (permission, row) => whoCanOf(model, compile.exact, permission, row),
    matrix: () => matrixOf(model),
    rowLevelSecurity: (options) => rowLevelSecurityOf(model, options),
    lint: (sql) => lintOf(model, sql),
  };
  return answers as unknown as Access<P, R>;
}

type FieldAnswers = Pick<Access, 'readable' | 'writable' | 'mayFilter' | 'maskRead' | 'checkWrite'>;

function fieldsOf(model: Model, can: Can): FieldAnswers {
  const sets = fieldSets(model);
  const of = (
    principal: AccessPrincipal | undefined,
    resource: string,
    kind: 'read' | 'write',
  ): ReadonlySet<string> => sets(principal, resource, kind);
  return {
    readable: (principal, resource) => [...of(principal, resource, 'read')],
    writable: (principal, resource) => [...of(principal, resource, 'write')],
    mayFilter: (principal, resource, field) => of(principal, resource, 'read').has(field),
    maskRead: (principal, resource, row) => {
      const masked: Record<string, unknown> = {};
      for (const field of of(principal, resource, 'read'))
        if (Object.hasOwn(row, field)) masked[field] = row[field];
      return masked;
    },
    checkWrite: (principal, resource, changes, row, facts) => {
      const allowed = of(principal, resource, 'write');
      const refusedFields = Object.keys(changes).filter((field) => !allowed.has(field));
      const refusedRow = refusedRowOf(can, principal, resource, { changes, row }, facts);
      const verdict: WriteVerdict = { allowed: refusedFields.length === 0 && !refusedRow, refusedFields };
      return refusedRow ? { ...verdict, refusedRow } : verdict;
    },
  };
}

/** Fields of all roles of a principal together; sets of one role are not made anew. */
function fieldSets(
  model: Model,
): (principal: AccessPrincipal | undefined, resource: string, kind: 'read' | 'write') => ReadonlySet<string> {
  return (principal, resource, kind) => {
    const found = (principal?.roles ?? []).flatMap((role) => {
      const set = model.roles.get(role)?.fields.get(resource)?.[kind];
      return set ? [set] : [];
    });
    const [first, ...more] = found;
    if (first && more.length === 0) return first;
    return new Set(found.flatMap((set) => [...set]));
  };
}

/** A row must be allowed as it stands, and as it would be: nobody may hand a row to another or take one. */
function refusedRowOf(
  can: Can,
  principal: AccessPrincipal | undefined,
  resource: string,
  write: { readonly changes: AccessRow; readonly row: AccessRow | undefined },
  facts: AccessFacts | undefined,
): 'before' | 'after' | undefined {
  const { changes, row } = write;
  if (!row) return can(principal, `${resource}:create`, changes, facts) ? undefined : 'after';
  if (!can(principal, `${resource}:update`, row, facts)) return 'before';
  return can(principal, `${resource}:update`, { ...row, ...changes }, facts) ? undefined : 'after';
}
