import { useSyncExternalStore } from 'react';

/** From here on an alert stands beside the list. */
const WIDE = '(min-width: 1100px)';

/** Whether the window has room for the list and an alert. */
export function useIsWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(WIDE);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => matchMedia(WIDE).matches,
  );
}
