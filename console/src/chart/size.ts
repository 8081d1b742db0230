import { useCallback, useState } from 'react';

/** Width of an element in CSS pixels, kept up to date; 0 before it is known. */
export function useWidth(): readonly [(element: Element | null) => void, number] {
  const [width, setWidth] = useState(0);
  const ref = useCallback((element: Element | null) => {
    if (!element) return undefined;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
