import { z } from 'zod';
import {
  AuthorizationError,
  ConflictError,
  NotFoundError,
  ValidationError,
} from '../../../../core/errors.ts';
import type { EventFields } from '../../../../core/events.ts';
import { newId } from '../../../../core/id.ts';
import type { AccessPrincipal, SqlFilter } from '../../../../modules/access/index.ts';
import type { SampleFilters, SampleRefusal, SampleRow, SampleValues } from '../../../data/index.ts';
import { auditNote } from '../../audit.ts';
import type { ApiPorts } from '../../ports.ts';
import { empty, json, route, type Route, type RouteSpec } from '../../route.ts';
import { askerFor, policy } from './asker.ts';
import { SAMPLE_RESOURCES, type SampleResource } from './resources.ts';
import { columnOf, type Given, type RowSchemas, schemasOf, shownRow, valuesOf } from './row-schemas.ts';
import { newUuid } from './uuid.ts';
import { noteViewed } from './viewed.ts';

type Action = 'create' | 'read' | 'update' | 'delete';
const byId = z.object({ id: z.string().max(100) });

/** Five routes of each resource beside orders. The database decides, by the filters of the policy. */
export function rowRoutes(ports: ApiPorts): readonly Route[] {
  return SAMPLE_RESOURCES.flatMap((one) => {
    const schemas = schemasOf(one);
    return [
      listRoute(ports, one, schemas),
      addRoute(ports, one, schemas),
      readRoute(ports, one, schemas),
      changeRoute(ports, one, schemas),
      removeRoute(ports, one),
    ];
  });
}

const filterOf = (asker: AccessPrincipal, { name }: SampleResource, action: Action): SqlFilter =>
  policy.accessible(asker, `${name}:${action}`);

const filtersOf = (asker: AccessPrincipal, one: SampleResource, action: Action): SampleFilters => ({
  read: filterOf(asker, one, 'read'),
  act: filterOf(asker, one, action),
});

/** What every route of a resource has in common. */
function common(
  { name, tag }: SampleResource,
  action: Action,
): Pick<RouteSpec<unknown, unknown, unknown>, 'access' | 'tag' | 'about'> {
  const permission = `${name}:${action}` as const;
  const roles = policy
    .whoCan(permission)
    .filter(({ role }) => role !== 'administrator')
    .map(({ role, when }) => `\`${role}\`${when === 'always' ? '' : ' with rows of their own'}`);
  return { access: 'sample', tag, about: `Needs \`${permission}\`: ${roles.join(', ')}.` };
}

function listRoute(ports: ApiPorts, one: SampleResource, schemas: RowSchemas): Route {
  const { name, many } = one;
  return route({
    ...common(one, 'read'),
    method: 'GET',
    path: `/sample/${name}`,
    summary: `List ${many}`,
    query: schemas.query,
    answer: {
      status: 200,
      about: 'Those that you may read, newest first; pass `nextCursor` as `cursor` for the next page.',
      schema: z.object({ [name]: z.array(schemas.row), nextCursor: z.string().nullable() }),
    },
    handle: async ({ c, caller, query }) => {
      const asker = await askerFor(ports, c, caller);
      const filter = filterOf(asker, one, 'read');
      const where = narrowedBy(asker, one, query);
      if (filter.kind === 'none') throw new AuthorizationError();
      if (query.cursor === undefined) await makeOwn(ports, one, asker);
      const page = { limit: query.limit + 1, before: query.cursor, where };
      const found = await ports.stores.sampleRows.list(name, filter, page);
      const shown = found.slice(0, query.limit).map((row) => shownTo(asker, one, row));
      const nextCursor = found.length > query.limit ? (shown.at(-1)?.['id'] ?? null) : null;
      await noteViewed(ports, c, caller, { table: name, filter, count: shown.length });
      return json({ [name]: shown, nextCursor });
    },
  });
}

/** Columns by which a list is narrowed. What may not be read must not be found out by asking for it. */
function narrowedBy(asker: AccessPrincipal, { name, of }: SampleResource, query: Given): SampleValues {
  const where = of ? valuesOf({ [of.field]: query[of.field] }) : {};
  if (Object.keys(where).some((column) => !policy.mayFilter(asker, name, column)))
    throw new AuthorizationError();
  return where;
}

function addRoute(ports: ApiPorts, one: SampleResource, schemas: RowSchemas): Route {
  const { name } = one;
  return route({
    ...common(one, 'create'),
    method: 'POST',
    path: `/sample/${name}`,
    summary: `Add ${one.one}`,
    body: schemas.create,
    answer: { status: 201, about: 'As it was made.', schema: schemas.row },
    refusals: 'field' in one.id ? [409] : [],
    handle: async ({ c, caller, body }) => {
      const asker = await askerFor(ports, c, caller);
      const filter = filterOf(asker, one, 'create');
      const values = newRow(one, asker, body, ports.clock.now());
      if (filter.kind === 'none') throw new AuthorizationError();
      demandFields(asker, one, values);
      // Everybody else is refused whatever they name that is not theirs, whether it is there or not.
      if (filter.kind === 'all') await demandRelated(ports, one, values);
      const note = auditNote(ports, c, caller, 'DATA_CREATED', noteOf(asker, one, values.id));
      const nowMs = ports.clock.now();
      const made = kept(one, await ports.stores.sampleRows.add(name, values, filter, nowMs, note.write));
      note.tell();
      return json(shownTo(asker, one, made), 201, {
        location: `/sample/${name}/${encodeURIComponent(values.id)}`,
      });
    },
  });
}

function readRoute(ports: ApiPorts, one: SampleResource, schemas: RowSchemas): Route {
  return route({
    ...common(one, 'read'),
    method: 'GET',
    path: `/sample/${one.name}/:id`,
    summary: `Read ${one.one}`,
    params: byId,
    answer: { status: 200, about: 'As it is now.', schema: schemas.row },
    refusals: [404],
    handle: async ({ c, caller, params }) => {
      const asker = await askerFor(ports, c, caller);
      if (params.id === asker.id) await makeOwn(ports, one, asker);
      const filter = filterOf(asker, one, 'read');
      const row = kept(one, (await ports.stores.sampleRows.get(one.name, params.id, filter)) ?? 'unseen');
      await noteViewed(ports, c, caller, { table: one.name, filter, count: 1, id: params.id });
      return json(shownTo(asker, one, row));
    },
  });
}

function changeRoute(ports: ApiPorts, one: SampleResource, schemas: RowSchemas): Route {
  const { name } = one;
  return route({
    ...common(one, 'update'),
    method: 'PATCH',
    path: `/sample/${name}/:id`,
    summary: `Change ${one.one}`,
    params: byId,
    body: schemas.change,
    answer: { status: 200, about: 'As it is now.', schema: schemas.row },
    refusals: [404],
    handle: async ({ c, caller, params, body }) => {
      const asker = await askerFor(ports, c, caller);
      if (params.id === asker.id) await makeOwn(ports, one, asker);
      const filters = filtersOf(asker, one, 'update');
      const changes = valuesOf(body);
      const row = kept(one, (await ports.stores.sampleRows.get(name, params.id, filters.read)) ?? 'unseen');
      demandFields(asker, one, changes, row);
      if (filters.act.kind === 'all') await demandRelated(ports, one, changes);
      const note = auditNote(ports, c, caller, 'DATA_MODIFIED', {
        ...noteOf(asker, one, params.id),
        // Names alone: what was written may be personal.
        details: { table: name, fields: Object.keys(changes).join(' ').slice(0, 200) },
      });
      const { sampleRows } = ports.stores;
      const changed = kept(one, await sampleRows.change(name, params.id, changes, filters, note.write));
      note.tell();
      return json(shownTo(asker, one, changed));
    },
  });
}

function removeRoute(ports: ApiPorts, one: SampleResource): Route {
  return route({
    ...common(one, 'delete'),
    method: 'DELETE',
    path: `/sample/${one.name}/:id`,
    summary: `Delete ${one.one}`,
    params: byId,
    answer: { status: 204, about: 'Deleted.' },
    refusals: [404],
    handle: async ({ c, caller, params }) => {
      const asker = await askerFor(ports, c, caller);
      const filters = filtersOf(asker, one, 'delete');
      const note = auditNote(ports, c, caller, 'DATA_DELETED', noteOf(asker, one, params.id));
      const refusal = await ports.stores.sampleRows.remove(one.name, params.id, filters, note.write);
      if (refusal !== undefined) kept(one, refusal);
      note.tell();
      return empty();
    },
  });
}

/** What an audit event says of a row that was written. */
function noteOf(asker: AccessPrincipal, { name }: SampleResource, id: string): EventFields {
  return { actor: asker.id, subject: `${name}:${id}`, details: { table: name } };
}

/** The row, or the refusal in words: what may not be seen looks as if it were not there. */
function kept({ one }: SampleResource, outcome: SampleRow | SampleRefusal): SampleRow {
  if (typeof outcome !== 'string') return outcome;
  if (outcome === 'unseen') throw new NotFoundError(`There is no such ${one.replace(/^an? /, '')}.`);
  if (outcome === 'exists') throw new ConflictError('There is one already.');
  throw new AuthorizationError();
}

/** The fields that somebody may read, and the id. */
function shownTo(asker: AccessPrincipal, { name }: SampleResource, row: SampleRow): { id: string } & Given {
  return { id: String(row['id']), ...shownRow(policy.maskRead(asker, name, row)) };
}

function newRow(
  { id, owner, form }: SampleResource,
  asker: AccessPrincipal,
  body: Given,
  nowMs: number,
): SampleValues & { readonly id: string } {
  const fields = form?.fieldsOf(body) ?? body;
  const values = valuesOf(owner === undefined ? fields : { [owner]: asker.id, ...fields });
  if ('uuid' in id) return { ...values, id: newUuid(nowMs) };
  return { ...values, id: 'prefix' in id ? newId(id.prefix, nowMs) : String(values[columnOf(id.field)]) };
}

/** @throws AuthorizationError naming fields that may not be set */
function demandFields(asker: AccessPrincipal, one: SampleResource, values: Given, row?: SampleRow): void {
  const { refusedFields } = policy.checkWrite(asker, one.name, values, row);
  if (refusedFields.length > 0)
    throw new AuthorizationError(
      `You may not set: ${Object.keys(shownRow(values))
        .filter((field) => refusedFields.includes(columnOf(field)))
        .join(', ')}.`,
    );
}

/** @throws ValidationError where a row is named that is not there */
async function demandRelated(ports: ApiPorts, { of }: SampleResource, values: SampleValues): Promise<void> {
  const id = of && values[columnOf(of.field)];
  if (!of || typeof id !== 'string') return;
  const { sampleRows, sampleOrders } = ports.stores;
  const found = of.table === 'orders' ? await sampleOrders.get(id) : await sampleRows.has(of.table, id);
  if (found === undefined || found === false) {
    throw new ValidationError('The request is not valid.', {
      details: [{ field: of.field, code: 'UNKNOWN', message: 'Names nothing that is there.' }],
    });
  }
}

/** Everybody has a profile, and every driver a location: made when they first look for it. */
async function makeOwn(ports: ApiPorts, one: SampleResource, asker: AccessPrincipal): Promise<void> {
  if (!one.own || asker.kind !== 'user') return;
  const row = { ...one.own(asker.id), id: asker.id };
  const mayKeep = policy.can(asker, `${one.name}:update`, row);
  if (!mayKeep || policy.can(asker, `${one.name}:create`, row)) return;
  const filter = filterOf(asker, one, 'read');
  const { sampleRows } = ports.stores;
  if (await sampleRows.get(one.name, asker.id, filter)) return;
  await sampleRows.add(one.name, row, filter, ports.clock.now());
}
