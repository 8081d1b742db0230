import type { Reason, Scalar } from '../../../../src/server/api/types.ts';

/** One visible line of a reason tree. */
export interface TreeLine {
  /** Place in the tree, `0.1.0`. */
  readonly path: string;
  /** 1 for the root, as `aria-level` counts. */
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly reason: Reason;
  /** Whether it has children, and shows them. */
  readonly state: 'leaf' | 'open' | 'closed';
}

const MAX_DEPTH = 12;

/** Lines of the tree from top to bottom, without what is closed. */
export function treeLines(root: Reason, closed: ReadonlySet<string>): readonly TreeLine[] {
  const lines: TreeLine[] = [];
  const walk = (reason: Reason, path: string, level: number, position: number, siblings: number): void => {
    const children = level < MAX_DEPTH ? (reason.because ?? []) : [];
    const state = children.length === 0 ? 'leaf' : closed.has(path) ? 'closed' : 'open';
    lines.push({ path, level, position, siblings, reason, state });
    if (state !== 'open') return;
    children.forEach((child, at) => walk(child, `${path}.${at}`, level + 1, at + 1, children.length));
  };
  walk(root, '0', 1, 1, 1);
  return lines;
}

/** What a key does in the tree: which line gets the focus, and which is opened or closed (WAI-ARIA tree pattern). */
export function treeKey(
  key: string,
  lines: readonly TreeLine[],
  at: number,
): { readonly focus?: number; readonly toggle?: string } | null {
  const line = lines[at];
  if (!line) return null;
  switch (key) {
    case 'ArrowDown':
      return { focus: Math.min(at + 1, lines.length - 1) };
    case 'ArrowUp':
      return { focus: Math.max(at - 1, 0) };
    case 'Home':
      return { focus: 0 };
    case 'End':
      return { focus: lines.length - 1 };
    case 'ArrowRight':
      if (line.state === 'closed') return { toggle: line.path };
      return line.state === 'open' ? { focus: at + 1 } : {};
    case 'ArrowLeft': {
      if (line.state === 'open') return { toggle: line.path };
      const parent = lines.findIndex(({ path }) => path === line.path.slice(0, line.path.lastIndexOf('.')));
      return parent === -1 ? {} : { focus: parent };
    }
    case 'Enter':
    case ' ':
      return line.state === 'leaf' ? {} : { toggle: line.path };
    default:
      return null;
  }
}

/** Two numbers of a reason that were compared, if it holds such a pair. */
export function comparisonOf(
  values: Readonly<Record<string, Scalar>> | undefined,
): { readonly used: number; readonly limit: number } | null {
  const limit = values?.['limit'] ?? values?.['max'] ?? values?.['threshold'];
  const used = values?.['used'] ?? values?.['estimate'] ?? values?.['count'] ?? values?.['score'];
  return typeof used === 'number' && typeof limit === 'number' && limit > 0 ? { used, limit } : null;
}
