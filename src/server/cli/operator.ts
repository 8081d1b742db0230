import { RampartError } from '../../core/errors.ts';
import { readOperatorFile } from '../data-dir.ts';

/** Speaks to the running server of a data folder with the operator key that it left there. */
export async function askServer<T>(
  dataDir: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const file = readOperatorFile(dataDir);
  if (!file) {
    throw new RampartError(
      'SERVER_NOT_RUNNING',
      `No server has been started with the data folder ${dataDir}. Start one with 'rampart start', or name its folder in RAMPART_DATA_DIR.`,
    );
  }
  let response: Response;
  try {
    response = await fetch(new URL(path, file.url), {
      method,
      headers: {
        authorization: `Bearer ${file.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new RampartError(
      'SERVER_NOT_RUNNING',
      `The server at ${file.url} does not answer. Start it with 'rampart start'.`,
      { cause: error },
    );
  }
  const answer = (await response.json().catch(() => ({}))) as { error?: { code: string; message: string } };
  if (!response.ok) {
    throw new RampartError(
      answer.error?.code ?? 'SERVER_REFUSED',
      answer.error?.message ?? `The server answered ${response.status}.`,
    );
  }
  return answer as T;
}
