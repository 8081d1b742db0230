import type { Guard } from '../core/guard.ts';
// Not through their door, which brings packages along.
import { freshAuthGuard, freshAuthPorts } from '../modules/identity/fresh-auth.ts';
import type { ReadConfig } from './config.ts';

/** What asks for a factor that was proven recently; nothing where there are no accounts. */
export function freshGuards(
  config: Pick<ReadConfig, 'identity'>,
  identity: Parameters<typeof freshAuthPorts>[0],
): readonly Guard[] {
  return config.identity === false ? [] : [freshAuthGuard(freshAuthPorts(identity))];
}
