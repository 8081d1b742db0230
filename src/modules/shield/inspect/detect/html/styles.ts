import type { Signals } from '../../types.ts';
import { XSS_RULES as R } from './rules.ts';

/** Style that runs code or loads more style. */
export function scanStyles(lower: string, plainWords: number, out: Signals): void {
  const binding =
    lower.includes('-moz-binding') || lower.includes('behavior:url') || lower.includes('behaviour:url');
  if (binding) return out.add(R['style-load']);
  const at = lower.indexOf('expression(');
  if (at > 0 && lower.lastIndexOf(':', at) >= at - 3) return out.add(R['style-load']);
  const imported = lower.indexOf('@import');
  if (imported < 0) return;
  const rest = lower.slice(imported + 7, imported + 60).trimStart();
  const remote = /^(?:url\s?\()?\s?["']?(?:https?:|\/\/|javascript|data:)/.test(rest);
  if (remote && (plainWords <= 3 || lower.includes('<style'))) out.add(R['style-load']);
}
