import type { KeyView } from '../../api/keys.ts';
import type { PurposeKeys } from './state.ts';

/** What a rotation does, step by step: what a person must know before it begins, for it can't be taken back. */
export function rotationSteps({ purpose, active, isRotating }: PurposeKeys): readonly string[] {
  const before = active === null ? 'the present key' : `key ${active.id}`;
  if (isRotating) {
    return [
      'No other key is added: the rotation that has begun is taken up where it stopped.',
      'It runs in the background; applications go on reading and writing.',
    ];
  }
  if (purpose === 'hmac') {
    return [
      'A new key is added, and signs once every node has had three seconds to read it.',
      `Nothing is signed anew: ${before} goes on verifying what it signed, until “rampart keys retire hmac --undeclared” ends it.`,
      'A rotation can’t be taken back.',
    ];
  }
  return [
    `A new key is added, and seals once every node has had three seconds to read it; ${before} only opens from then on.`,
    'What older keys have sealed in the declared tables is sealed anew in the background; applications go on reading and writing.',
    'Older keys that then hold nothing in those tables are retired: what they sealed elsewhere can’t be opened any more. Where no table is declared, they are kept.',
    'A rotation can’t be taken back.',
  ];
}

/** How a key is kept. */
export function wrapperText({ wrapper }: Pick<KeyView, 'wrapper'>): string {
  if (wrapper === 'derived') return 'derived from the server’s secret';
  return `wrapped by ${wrapper === 'secret' ? 'the server’s secret' : wrapper}`;
}
