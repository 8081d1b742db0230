import type { RequestContext } from '../../core/context.ts';
import type { EventSink } from '../../core/events.ts';
import { fact } from '../../core/fact.ts';
import type { Finisher, RouteInfo } from '../../core/guard.ts';

const Demanded = fact<true>('access demanded');

/** Takes down that the handler of this request has asked the policy. */
export function noteDemand(context: RequestContext): void {
  context.set(Demanded, true);
}

/**
 * Watches routes that leave access to their handler: one that answers well without having asked `guard.require` is told
 * of once. The answer has been sent by then; what it tells is that a line is missing in the application.
 * @param isLeft whether the route leaves access to its handler
 */
export function undemanded(isLeft: (route: RouteInfo) => boolean, events: EventSink): Finisher {
  // As many as the configuration has rules.
  const told = new Set<RouteInfo>();
  return {
    name: 'undemanded',
    end(context, { status }) {
      const { route } = context.plan;
      if (!isLeft(route) || told.has(route)) return;
      if (status < 200 || status > 299 || context.get(Demanded) === true) return;
      // What the corridor or the framework answered by itself has no handler.
      if (context.verdict.kind !== 'pass' || context.request.method === 'OPTIONS') return;
      told.add(route);
      events.emit('ACCESS_DEMAND_MISSING', {
        route: route.name,
        details: { method: context.request.method.slice(0, 20), endpoint: context.path.slice(0, 200) },
      });
    },
  };
}
