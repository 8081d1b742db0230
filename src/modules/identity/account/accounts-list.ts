import { rows } from '../../../base/database/index.ts';
import type { FactorKind } from '../contract.ts';
import type { Accounts } from '../facade.ts';
import type { AccountRow } from '../tables/accounts.ts';
import type { Kit } from './kit.ts';
import { db } from './store.ts';

const ACCOUNTS = 'rampart.identity_accounts';
const MAX_PAGE = 200;
const MAX_TEXT = 200;

type Query = Parameters<Accounts['list']>[0];
type Page = Awaited<ReturnType<Accounts['list']>>;

/** What a user types, as a LIKE pattern that finds it anywhere: `%` and `_` stand for themselves. */
export function likePattern(text: string): string {
  return `%${text
    .slice(0, MAX_TEXT)
    .toLowerCase()
    .replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** Accounts, newest first, a page at a time. Deleted ones are listed only where their status is asked for. */
export async function listAccounts(kit: Kit, query: Query): Promise<Page> {
  const { sql } = kit.ports;
  const most = Math.min(MAX_PAGE, Math.max(1, Math.floor(query.limit)));
  let page = filtered(query)
    .selectAll()
    .orderBy('id', 'desc')
    .limit(most + 1);
  if (query.cursor !== undefined) page = page.where('id', '<', query.cursor.slice(0, 64));
  const found = await rows<AccountRow>(sql, page);
  const counted = await rows(
    sql,
    filtered(query).select((eb) => eb.fn.countAll<number>().as('n')),
  );
  const users = found.slice(0, most);
  const factors = await factorsOf(
    kit,
    users.map((user) => user.id),
  );
  return {
    users: users.map((user) => ({ ...user, factors: factors.get(user.id) ?? [] })),
    total: counted[0]?.n ?? 0,
    nextCursor: found.length > most ? (users.at(-1)?.id ?? null) : null,
  };
}

function filtered(query: Query) {
  let select = db.selectFrom(ACCOUNTS);
  select =
    query.status === undefined
      ? select.where('status', '<>', 'deleted')
      : select.where('status', '=', query.status as AccountRow['status']);
  if (query.role !== undefined) {
    const role = query.role.slice(0, MAX_TEXT);
    select = select.where((eb) => eb(eb.val(role), '=', eb.fn.any('roles')));
  }
  const q = query.q?.trim();
  if (q === undefined || q === '') return select;
  const pattern = likePattern(q);
  return select.where((eb) =>
    eb.or([
      eb(eb.fn<string>('lower', ['email']), 'like', pattern),
      eb(eb.fn<string>('lower', ['name']), 'like', pattern),
    ]),
  );
}

/** Second factors of many accounts in one query, strongest first. */
async function factorsOf(
  kit: Kit,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly FactorKind[]>> {
  const found = await kit.ports.sql.query(
    `SELECT account, 'passkey' AS kind, 1 AS place FROM rampart.identity_passkeys WHERE account = ANY($1::text[])
     UNION SELECT account, 'totp', 2 FROM rampart.identity_totp
       WHERE account = ANY($1::text[]) AND confirmed_at_ms IS NOT NULL
     UNION SELECT account, 'sms', 3 FROM rampart.identity_phones WHERE account = ANY($1::text[])
     ORDER BY place`,
    [ids],
  );
  const factors = new Map<string, FactorKind[]>();
  for (const { account, kind } of found.rows as readonly { account: string; kind: FactorKind }[]) {
    factors.set(account, [...(factors.get(account) ?? []), kind]);
  }
  return factors;
}
