import { useEffect, useRef } from 'react';
import { getSettings } from '../state/settings.ts';
import { keyOf, press } from './keymap.ts';
import { type Handler, Handlers } from './handlers.ts';
import type { Command, Waiting } from './keymap.ts';

const handlers = new Handlers();

/** Answers a command while the component is shown; the newest answer wins. */
export function useCommand(command: Command, handler: Handler, active = true): void {
  useAnswer(command, handler, { active, isFrame: false });
}

/** Answers a command where nothing on the page does. */
export function useFrameCommand(command: Command, handler: Handler): void {
  useAnswer(command, handler, { active: true, isFrame: true });
}

function useAnswer(
  command: Command,
  handler: Handler,
  { active, isFrame }: { readonly active: boolean; readonly isFrame: boolean },
): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!active) return undefined;
    return handlers.add(command, () => latest.current(), isFrame);
  }, [command, active, isFrame]);
}

/** Runs a command; says whether anybody answered. */
export function runCommand(command: Command): boolean {
  const handler = handlers.of(command);
  handler?.();
  return handler !== undefined;
}

let waiting: Waiting = null;

/** Listens to the keyboard for the whole page. Called once. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      runCommand('palette');
      return;
    }
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
    if (!getSettings().keys && event.key !== 'Escape') return;
    const result = press(waiting, keyOf(event), event.timeStamp);
    waiting = result.waiting;
    if (result.command !== null && (runCommand(result.command) || onFocused(result.command, event.key))) {
      event.preventDefault();
    }
  });
}

/** Moving through rows works in every list: rows are what carries `data-row`. */
function onFocused(command: Command, key: string): boolean {
  if (command === 'panel') return focusPanel(Number(key));
  const step = STEPS[command];
  return step !== undefined && moveFocus(step);
}

/** Where nothing can be selected, Shift is only held. */
const STEPS: Readonly<Partial<Record<Command, 1 | -1>>> = {
  'row-next': 1,
  'row-previous': -1,
  'select-next': 1,
  'select-previous': -1,
};

/** Moves the focus to the next row, or to the one before. @returns whether there are rows */
export function moveFocus(step: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  if (rows.length === 0) return false;
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const next = rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
  const target = next?.matches('a,button,[tabindex]') ? next : next?.querySelector<HTMLElement>('a,button');
  target?.focus();
  target?.scrollIntoView({ block: 'nearest' });
  return true;
}

/** Panels are numbered from the top of the page; the focus is what a reader goes on from. */
function focusPanel(number: number): boolean {
  const panel = [...document.querySelectorAll<HTMLElement>('main section[aria-label]')][number - 1];
  if (panel === undefined) return false;
  panel.tabIndex = -1;
  panel.focus({ preventScroll: true });
  panel.scrollIntoView({ block: 'start' });
  return true;
}

/** The value that the focus stands on, as `field:value` of the nearest `data-value`. */
export function focusedValue(): { readonly field: string; readonly value: string } | null {
  const text = document.activeElement?.closest<HTMLElement>('[data-value]')?.dataset['value'];
  const colon = text?.indexOf(':') ?? -1;
  return text === undefined || colon < 1
    ? null
    : { field: text.slice(0, colon), value: text.slice(colon + 1) };
}

/** Presses what undoes the row that has the focus; it asks first. @returns whether there is such a thing */
export function pressUndo(): boolean {
  const row = document.activeElement?.closest<HTMLElement>('[data-row]');
  const button = row?.querySelector<HTMLButtonElement>('button[data-undo]:not(:disabled)');
  button?.click();
  return button !== null && button !== undefined;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'range', 'button'].includes(target.type);
  return target.matches('textarea, select, [contenteditable]');
}
