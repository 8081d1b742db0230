import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { openAlertsQuery } from '../api/alerts.ts';
import { useStream } from '../api/stream.ts';
import { newAlertWords } from './new-alerts.ts';

const THROTTLE_MS = 10_000;
let lastAtMs = 0;

/** Reads new alerts and grave events aloud, politely and at most one in ten seconds. */
export function Announcer(): ReactNode {
  const { notice } = useStream();
  const [text, setText] = useState('');
  const say = (words: string): void => {
    if (Date.now() - lastAtMs < THROTTLE_MS) return;
    lastAtMs = Date.now();
    setText(words);
  };
  const { data } = useQuery(openAlertsQuery);
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    if (data === undefined) return;
    const words = known.current === null ? null : newAlertWords(known.current, data.alerts);
    known.current = new Set(data.alerts.map(({ id }) => id));
    if (words !== null) say(words);
  }, [data]);
  useEffect(() => {
    if (notice === null || (notice.severity !== 'HIGH' && notice.severity !== 'CRITICAL')) return;
    say(`${notice.severity.toLowerCase()}: ${notice.about}`);
  }, [notice]);
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
