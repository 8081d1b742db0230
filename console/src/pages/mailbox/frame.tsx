import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { frameHtml } from './links.ts';

const FIRST_PX = 320;
const MAX_PX = 4000;

/**
 * A mail as its reader sees it. Scripts don't run in the frame, forms don't leave it, and the page's policy holds in it,
 * too, so inline styles are applied from here.
 */
export function MailFrame({ html, title }: { readonly html: string; readonly title: string }): ReactNode {
  const frame = useRef<HTMLIFrameElement>(null);
  const [heightPx, setHeightPx] = useState(FIRST_PX);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const dress = (): void => {
      const page = element.contentDocument;
      if (!page?.body) return;
      for (const one of page.querySelectorAll<HTMLElement>('[data-style]')) {
        one.style.cssText = one.dataset['style'] ?? '';
      }
      for (const link of page.querySelectorAll('a')) link.rel = 'noopener noreferrer';
      setHeightPx(Math.min(MAX_PX, Math.max(120, page.documentElement.scrollHeight)));
    };
    element.addEventListener('load', dress);
    return () => element.removeEventListener('load', dress);
  }, []);
  return (
    <iframe
      ref={frame}
      title={title}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      srcDoc={frameHtml(html)}
      style={{ height: heightPx }}
      className="block w-full rounded-lg border border-line bg-white [color-scheme:light]"
    />
  );
}
