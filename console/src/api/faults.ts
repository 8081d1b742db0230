import { ApiError } from './client.ts';

/** What is wrong with each field, by the field's name; empty where the refusal names none. */
export function faultsOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ApiError) || !Array.isArray(error.details)) return {};
  const faults: Record<string, string> = {};
  for (const one of error.details as readonly unknown[]) {
    const { field, message } = (one ?? {}) as { field?: unknown; message?: unknown };
    if (typeof field === 'string' && typeof message === 'string') faults[field] ??= message;
  }
  return faults;
}

/** A refusal in words: whether anything was done, and what stood in the way. */
export function refusalWords(error: Error): string {
  if (!(error instanceof ApiError)) return error.message;
  if (error.status === 409 || error.status === 404) return `Nothing was done. ${error.message}`;
  if (error.status === 403) return `You may not do this. ${error.message}`;
  return error.message;
}
