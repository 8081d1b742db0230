import type { RolesAnswer } from '../../../../src/server/api/access-types.ts';

type Role = RolesAnswer['roles'][number];

/** What a role may do, as a cell of the matrix shows it. */
export type Standing = 'always' | 'condition' | 'denied' | 'none';
export interface Look {
  readonly standing: Standing;
  /** Conditions in words; empty where there are none. */
  readonly text: string;
  /** The nearest role that gives the same, if the role inherits it; null when it is its own. */
  readonly from: string | null;
  readonly inProcessOnly: boolean;
}

export const STANDING_WORD: Readonly<Record<Standing, string>> = {
  always: 'Always',
  condition: 'Under a condition',
  denied: 'Denied',
  none: 'Not at all',
};

/**
 * How a role stands to a permission. A role has the rules of those it inherits: what is the same there comes from there,
 * and what they have and it has not is denied to it.
 * @param at place of the permission in `permissions`
 */
export function lookOf(roles: readonly Role[], role: Role, at: number): Look {
  const cell = role.cells[at];
  if (!cell) return { standing: 'none', text: '', from: null, inProcessOnly: false };
  const line = role.inherits.flatMap((name) => {
    const found = roles.find((one) => one.role === name)?.cells[at];
    return found === undefined ? [] : [{ name, ...found }];
  });
  const { text, inProcessOnly } = cell;
  if (cell.when === 'never') {
    const isDenied = line.some(({ when }) => when !== 'never');
    return { standing: isDenied ? 'denied' : 'none', text, from: null, inProcessOnly };
  }
  const same = line.find(({ when, text: theirs }) => when === cell.when && theirs === text);
  const standing = cell.when === 'always' ? 'always' : 'condition';
  return { standing, text, from: same?.name ?? null, inProcessOnly };
}

/** A cell in a sentence: `Under a condition, inherited from support`. */
export function lookWords({ standing, from }: Look): string {
  return from === null ? STANDING_WORD[standing] : `${STANDING_WORD[standing]}, inherited from ${from}`;
}

/** Permissions of one resource, in the policy's order. */
export interface ResourceGroup {
  readonly resource: string;
  readonly permissions: readonly {
    readonly permission: string;
    readonly action: string;
    readonly at: number;
  }[];
}

/** `orders:read` and `orders:cancel` under `orders`; what has no colon stands under its own name. */
export function byResource(permissions: readonly string[]): readonly ResourceGroup[] {
  const groups = new Map<string, ResourceGroup['permissions'][number][]>();
  permissions.forEach((permission, at) => {
    const colon = permission.indexOf(':');
    const resource = colon < 1 ? permission : permission.slice(0, colon);
    const action = colon < 1 ? permission : permission.slice(colon + 1);
    groups.set(resource, [...(groups.get(resource) ?? []), { permission, action, at }]);
  });
  return [...groups].map(([resource, list]) => ({ resource, permissions: list }));
}

/** Where an arrow leads in the matrix; null for other keys. Rows and columns count from 0. */
export function moveIn(
  key: string,
  { row, column }: { readonly row: number; readonly column: number },
  size: { readonly rows: number; readonly columns: number },
): { readonly row: number; readonly column: number } | null {
  const inside = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));
  switch (key) {
    case 'ArrowDown':
      return { row: inside(row + 1, size.rows), column };
    case 'ArrowUp':
      return { row: inside(row - 1, size.rows), column };
    case 'ArrowRight':
      return { row, column: inside(column + 1, size.columns) };
    case 'ArrowLeft':
      return { row, column: inside(column - 1, size.columns) };
    case 'Home':
      return { row, column: 0 };
    case 'End':
      return { row, column: size.columns - 1 };
    default:
      return null;
  }
}
