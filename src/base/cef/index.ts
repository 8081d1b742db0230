/** The door of CEF: events as lines of the Common Event Format. */
export { type CefEvent, cefLine, type CefOptions } from './line.ts';
