import { RampartError } from '../../core/errors.ts';
import { readOperatorFile } from '../data-dir.ts';

/** Speaks to the running server of a data folder with the operator key that it left there. */
export async function askServer<T>(
  dataDir: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await sendToServer(dataDir, method, path, body);
  return (await response.json().catch(() => ({}))) as T;
}

/** A file of the running server, as it comes: for what is too large to hold. */
export async function takeFromServer(dataDir: string, path: string): Promise<ReadableStream<Uint8Array>> {
  const { body } = await sendToServer(dataDir, 'GET', path);
  return body ?? new ReadableStream({ start: (controller) => controller.close() });
}

async function sendToServer(
  dataDir: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
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
  if (response.ok) return response;
  const answer = (await response.json().catch(() => ({}))) as { error?: { code: string; message: string } };
  throw new RampartError(
    answer.error?.code ?? 'SERVER_REFUSED',
    answer.error?.message ?? `The server answered ${response.status}.`,
  );
}
