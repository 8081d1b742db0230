import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useStream } from '../api/stream.ts';

const THROTTLE_MS = 10_000;
let lastAtMs = 0;

/** Reads grave events aloud, politely and at most one in ten seconds. */
export function Announcer(): ReactNode {
  const { notice } = useStream();
  const [text, setText] = useState('');
  useEffect(() => {
    if (notice === null || (notice.severity !== 'HIGH' && notice.severity !== 'CRITICAL')) return;
    if (Date.now() - lastAtMs < THROTTLE_MS) return;
    lastAtMs = Date.now();
    setText(`${notice.severity.toLowerCase()}: ${notice.about}`);
  }, [notice]);
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
