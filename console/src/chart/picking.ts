import { useRef, useState } from 'react';
import type { FocusEvent, KeyboardEvent, PointerEvent } from 'react';

/** Where a reader stands in a chart of columns, and what of it is selected. */
export interface Picking {
  /** Column under the pointer or the arrows; null for none. */
  readonly cursor: number | null;
  readonly selection: { readonly from: number; readonly to: number } | null;
  /** What the drawing answers to. */
  readonly handlers: {
    readonly onKeyDown: (event: KeyboardEvent) => void;
    readonly onFocus: (event: FocusEvent) => void;
    readonly onBlur: () => void;
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerUp: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
  };
}

/**
 * One focus stop for a chart of columns: arrows move, Shift with arrows or dragging selects, Enter zooms into the selection.
 * @param columns how many there are, how wide each is, and how far from the left they begin, in pixels
 */
export function usePicking({
  count,
  slotPx,
  leftPx,
  onZoom,
}: {
  readonly count: number;
  readonly slotPx: number;
  readonly leftPx: number;
  readonly onZoom: (first: number, last: number) => void;
}): Picking {
  const [cursor, setCursor] = useState<number | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const isDragging = useRef(false);
  const last = count - 1;
  const columnAt = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(last, Math.max(0, Math.floor((event.clientX - box.left - leftPx) / slotPx)));
  };
  const zoomTo = (a: number, b: number): void => {
    onZoom(Math.min(a, b), Math.max(a, b));
    setAnchor(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = cursor ?? last;
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (next !== undefined) {
      setAnchor(event.shiftKey ? (anchor ?? at) : null);
      setCursor(Math.min(last, Math.max(0, next)));
    } else if (event.key === 'Enter' && anchor !== null) zoomTo(anchor, at);
    else if (event.key === 'Escape' && anchor !== null) setAnchor(null);
    else return;
    event.preventDefault();
  };
  return {
    cursor,
    selection:
      anchor === null || cursor === null
        ? null
        : { from: Math.min(anchor, cursor), to: Math.max(anchor, cursor) },
    handlers: {
      onKeyDown,
      onFocus: (event) => event.currentTarget.matches(':focus-visible') && setCursor(cursor ?? last),
      onBlur: () => {
        setCursor(null);
        setAnchor(null);
      },
      onPointerDown: (event) => {
        if (event.button !== 0 || event.pointerType === 'touch') return;
        event.currentTarget.setPointerCapture(event.pointerId);
        isDragging.current = true;
        setAnchor(columnAt(event));
        setCursor(columnAt(event));
      },
      onPointerMove: (event) => setCursor(columnAt(event)),
      onPointerUp: (event) => {
        if (isDragging.current && anchor !== null && anchor !== columnAt(event))
          zoomTo(anchor, columnAt(event));
        isDragging.current = false;
        setAnchor(null);
      },
      onPointerLeave: () => {
        if (!isDragging.current) setCursor(null);
      },
    },
  };
}
