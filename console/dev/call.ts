/** What the stand-in's parts are asked, and how they answer. */
export interface Call {
  readonly url: URL;
  /** Path below /admin or /auth, cut at its slashes. */
  readonly parts: readonly string[];
  readonly method: string;
  readonly mode: string;
  readonly body: Readonly<Record<string, unknown>>;
}
export type Answer = { readonly status: number; readonly body?: unknown };

export const ok = (body: unknown, status = 200): Answer => ({ status, body });
export const fail = (status: number, code: string, message: string, details?: unknown): Answer => ({
  status,
  body: { success: false, error: { code, message, ...(details === undefined ? {} : { details }) } },
});
