import { type LiveExclusion, wholeClassesOf } from '../../../../modules/shield/index.ts';

/** Classes that exclusions without a field may leave out whole on one route, at most. */
export const MAX_WHOLE_CLASSES = 3;

const EVERYWHERE = /^(?:[A-Z]+ )?\/\*$/;

/**
 * Whether an exclusion leaves too much out, together with those that are live: more than three whole classes without a field,
 * on its route or everywhere. That much is switched off where others see and review it: in the configuration.
 * @returns what to tell, or null where it is narrow enough
 */
export function tooBroad(exclusion: LiveExclusion, live: readonly LiveExclusion[]): string | null {
  if (exclusion.field !== null) return null;
  const wide = isEverywhere(exclusion);
  const beside = live.filter(
    (one) => one.field === null && (isEverywhere(one) || (!wide && one.route === exclusion.route)),
  );
  const classes = wholeClassesOf([...beside, exclusion].flatMap(({ rules }) => rules));
  if (classes.length <= MAX_WHOLE_CLASSES) return null;
  const instead = wide
    ? '`shield.inspection.off`'
    : '`shield.inspection` of the route (`off`, or false for none at all)';
  return `With what is live already, ${classes.length} classes would not be looked for at all (${classes.join(', ')}); ${MAX_WHOLE_CLASSES} at most. Name a field or single rules, or set ${instead} in the configuration.`;
}

function isEverywhere({ route }: LiveExclusion): boolean {
  return route === null || route === '*' || EVERYWHERE.test(route);
}
