/**
 * What an event says of itself, for a line of a list. A detection says what it saw; of a type's description the first part
 * is what happened, and what comes after it (how often such a thing is told) is left to the page of the event.
 */
export function aboutWords({
  about,
  details,
}: {
  readonly about: string;
  readonly details?: Readonly<Record<string, unknown>>;
}): string {
  const what = details?.['what'];
  if (typeof what === 'string' && what !== '') return what;
  return about.replace(/; told (?:once|with|each) [^;]*\.$/, '.');
}
