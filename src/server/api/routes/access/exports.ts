import { z } from 'zod';
import type { CsvColumn } from '../../../../base/csv/index.ts';
import type { AccessReview, Assignment, ReviewItem } from '../../../../modules/access/grants/index.ts';
import { allPages, CSV_ANSWER, dateOf, exportList } from '../../export.ts';
import { route, type Route } from '../../route.ts';
import { type KnownAccess, TAG } from './pages.ts';
import * as shape from './schemas.ts';

const PAGE = 500;

const ASSIGNMENT: readonly CsvColumn<Assignment>[] = [
  { name: 'subject', value: (one) => one.subject },
  { name: 'role', value: (one) => one.role },
  { name: 'reason', value: (one) => one.reason },
  { name: 'granted by', value: (one) => one.grantedBy },
  { name: 'granted at', value: (one) => dateOf(one.grantedAtMs) },
  { name: 'expires at', value: (one) => dateOf(one.expiresAtMs) },
  { name: 'ended at', value: (one) => dateOf(one.endedAtMs) },
  { name: 'ended by', value: (one) => one.endedBy },
  { name: 'id', value: (one) => one.id },
];
const REVIEW: readonly CsvColumn<AccessReview>[] = [
  { name: 'name', value: (one) => one.name },
  { name: 'reviewer', value: (one) => one.reviewer },
  { name: 'created by', value: (one) => one.createdBy },
  { name: 'created at', value: (one) => dateOf(one.createdAtMs) },
  { name: 'due at', value: (one) => dateOf(one.dueAtMs) },
  { name: 'closed at', value: (one) => dateOf(one.closedAtMs) },
  { name: 'closed by', value: (one) => one.closedBy },
  { name: 'lines', value: (one) => one.items },
  { name: 'undecided', value: (one) => one.open },
  { name: 'id', value: (one) => one.id },
];
const LINE: readonly CsvColumn<ReviewItem>[] = [
  { name: 'kind', value: (one) => one.kind },
  { name: 'subject', value: (one) => one.subject },
  { name: 'what', value: (one) => one.what },
  { name: 'last used at', value: (one) => dateOf(one.lastUsedAtMs) },
  { name: 'decision', value: (one) => one.decision },
  { name: 'decided by', value: (one) => one.decidedBy },
  { name: 'decided at', value: (one) => dateOf(one.decidedAtMs) },
  { name: 'note', value: (one) => one.note },
  { name: 'target', value: (one) => one.target },
];

/** Who holds what, and its reviews, as files. */
export function exportRoutes(ports: KnownAccess): readonly Route[] {
  return [assignmentsRoute(ports), reviewsRoute(ports), linesRoute(ports)];
}

function assignmentsRoute(ports: KnownAccess): Route {
  const { assignments } = ports.access.grants;
  return route({
    method: 'GET',
    path: '/admin/access/assignments.csv',
    access: 'analyst',
    tag: TAG,
    summary: 'Export assignments of roles',
    query: z.strictObject(shape.assignmentsBy),
    answer: CSV_ANSWER,
    handle: ({ c, caller, query }) =>
      exportList(ports, c, caller, {
        list: 'assignments',
        columns: ASSIGNMENT,
        rows: allPages(PAGE, (before) =>
          assignments.list({ ...query, all: query.all === 'true', before, limit: PAGE }),
        ),
        narrowed: query,
      }),
  });
}

function reviewsRoute(ports: KnownAccess): Route {
  const { reviews } = ports.access.grants;
  return route({
    method: 'GET',
    path: '/admin/access/reviews.csv',
    access: 'analyst',
    tag: TAG,
    summary: 'Export reviews of access',
    answer: CSV_ANSWER,
    handle: ({ c, caller }) =>
      exportList(ports, c, caller, {
        list: 'reviews',
        columns: REVIEW,
        rows: allPages(PAGE, (before) => reviews.list({ before, limit: PAGE })),
      }),
  });
}

function linesRoute(ports: KnownAccess): Route {
  return route({
    method: 'GET',
    path: '/admin/access/reviews/:id/lines.csv',
    access: 'analyst',
    tag: TAG,
    summary: 'Export the lines of a review',
    params: shape.byId,
    answer: CSV_ANSWER,
    refusals: [404],
    handle: async ({ c, caller, params }) => {
      const { review, items } = await ports.access.grants.reviews.get(params.id);
      return exportList(ports, c, caller, {
        list: 'review-lines',
        columns: LINE,
        rows: items,
        narrowed: { review: review.id },
      });
    },
  });
}
