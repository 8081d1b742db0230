import type { ApiPorts } from '../../ports.ts';
import type { Route } from '../../route.ts';
import { exclusionRoutes } from './exclusions.ts';
import { figureRoutes } from './figures.ts';
import { publishRoutes } from './publish.ts';
import { reportRoutes } from './reports.ts';

/** The shield: what it saw, what it refused wrongly, and what it is told to leave out. */
export function shieldRoutes(ports: ApiPorts): readonly Route[] {
  const { shield } = ports;
  if (shield === undefined) return [];
  const known = { ...ports, shield };
  return [...figureRoutes(known), ...reportRoutes(known), ...exclusionRoutes(known), ...publishRoutes(known)];
}
