import type { ConsoleRole } from '../../../../src/server/api/user-types.ts';

/** Roles of the console as a reader sees them. */
export const ROLE_LABEL: Readonly<Record<ConsoleRole, string>> = {
  viewer: 'Viewer',
  analyst: 'Analyst',
  administrator: 'Administrator',
};
/** What each role lets do. */
export const ROLE_MEANING: Readonly<Record<ConsoleRole, string>> = {
  viewer: 'Reads everything, changes nothing.',
  analyst: 'Also blocks addresses, resets counters and keeps the lists.',
  administrator: 'Also manages users and reads the mailbox.',
};
/** Least first, as the server ranks them. */
export const ROLES: readonly ConsoleRole[] = ['viewer', 'analyst', 'administrator'];

/** An account's roles, told apart: what it is in the console, and what the application made of it. */
export interface SplitRoles {
  readonly console: ConsoleRole | null;
  readonly others: readonly string[];
}

/** The highest role of the console counts; it covers those below. */
export function splitRoles(roles: readonly string[]): SplitRoles {
  return {
    console: ROLES.findLast((role) => roles.includes(role)) ?? null,
    others: roles.filter((role) => !ROLES.some((one) => one === role)),
  };
}

/** Back to the server's list: each role once, the console's last. */
export function joinRoles(consoleRole: ConsoleRole | null, others: readonly string[]): readonly string[] {
  const rest = others.filter((role) => !ROLES.some((one) => one === role));
  return [...new Set(consoleRole === null ? rest : [...rest, consoleRole])];
}

/** Reads names that were typed with commas or spaces between them. */
export function readRoles(typed: string): readonly string[] {
  return [...new Set(typed.split(/[\s,;]+/).filter((role) => role !== ''))];
}

/** What a change takes and gives. */
export function rolesChange(
  before: readonly string[],
  after: readonly string[],
): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  return {
    added: after.filter((role) => !before.includes(role)),
    removed: before.filter((role) => !after.includes(role)),
  };
}
