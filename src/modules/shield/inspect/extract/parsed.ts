import type { BodyBounds } from './body.ts';
import { scanJson } from './json.ts';
import type { ValueSink } from './sink.ts';

/**
 * Looks at what a body parser made of a body, as at the JSON that says the same. What no JSON can say (a circle) came from no
 * body, and is left alone.
 */
export function scanParsed(value: object, bounds: BodyBounds, sink: ValueSink): void {
  const text = jsonOf(value, sink);
  if (text === undefined) return;
  if (text.length > bounds.maxBodyBytes) sink.problem('too-large');
  else scanJson(text, bounds, { place: 'json', name: '' }, sink);
}

function jsonOf(value: object, sink: ValueSink): string | undefined {
  try {
    return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one));
  } catch (error) {
    // Deeper than the stack.
    if (error instanceof RangeError) sink.problem('too-deep');
    return undefined;
  }
}
