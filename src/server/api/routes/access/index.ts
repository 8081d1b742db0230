import type { ApiPorts } from '../../ports.ts';
import type { Route } from '../../route.ts';
import { assignmentRoutes, requestRoutes } from './assignments.ts';
import { policyRoutes } from './policy.ts';
import { exportRoutes } from './exports.ts';
import { keyRoutes, serviceRoutes } from './programs.ts';
import { reviewRoutes } from './reviews.ts';

/** The policy, who holds what by it, and the keys of programs; nothing where no policy is configured. */
export function accessRoutes(ports: ApiPorts): readonly Route[] {
  const { access } = ports;
  if (access === null) return [];
  const known = { ...ports, access };
  return [
    ...policyRoutes(known),
    ...assignmentRoutes(known),
    ...requestRoutes(known),
    ...serviceRoutes(known),
    ...keyRoutes(known),
    ...reviewRoutes(known),
    ...exportRoutes(known),
  ];
}
