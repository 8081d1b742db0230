import type { ShieldOptions } from './shield.ts';

/** The shield as decisions remember it. Where feeds come from decides nothing, and may hold a key in its query. */
export function withoutSources(shield: ShieldOptions | false | undefined): unknown {
  const given: unknown = shield === false ? undefined : shield?.feeds;
  if (typeof given !== 'object' || given === null) return shield;
  const feeds = Object.entries(given as NonNullable<ShieldOptions['feeds']>).map(([name, one]) => [
    name,
    one === true ? one : { kind: one.kind, do: one.do, score: one.score },
  ]);
  return { ...(shield as ShieldOptions), feeds: Object.fromEntries(feeds) };
}
