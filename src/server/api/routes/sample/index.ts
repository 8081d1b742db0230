import type { ApiPorts } from '../../ports.ts';
import type { Route } from '../../route.ts';
import { noting } from './attempts.ts';
import { cardPaymentRoute } from './card-payments.ts';
import { orderRoutes } from './orders.ts';
import { registerRoute } from './register.ts';
import { rowRoutes } from './rows.ts';
import { signInRoute } from './sign-in.ts';
import { sampleUploadRoutes } from './uploads.ts';

/**
 * A small protected API for the first five minutes: four roles, owner conditions, validation, limits. What each may do is
 * `samplePolicy`.
 */
export function sampleRoutes(ports: ApiPorts): readonly Route[] {
  const guarded = [...orderRoutes(ports), ...sampleUploadRoutes(ports)];
  return [signInRoute(ports), ...guarded.map((one) => noting(ports, one))];
}

/** The rest of a food delivery, by the same policy: what is beside orders. */
export function sampleRowRoutes(ports: ApiPorts): readonly Route[] {
  const guarded = [cardPaymentRoute(ports), ...rowRoutes(ports)];
  return [registerRoute(ports), ...guarded.map((one) => noting(ports, one))];
}
