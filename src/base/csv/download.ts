/** A file that is made while it is taken. */
export interface DownloadOptions {
  /** Name of the file without its end; what is not a letter, digit, `-` or `_` becomes `-`. */
  readonly file: string;
  /** Its end: `csv`. */
  readonly end: string;
  /** Media type, with its parameters. */
  readonly type: string;
}

/**
 * Texts as a download: no browser shows it in place, guesses its type or keeps it. They are made as fast as the client takes
 * them, and not any more once it is gone; when making them fails, the connection breaks off instead of ending well.
 */
export function download(
  texts: AsyncGenerator<string, void, undefined>,
  { file, end, type }: DownloadOptions,
): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await texts.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await texts.return();
      },
    },
    { highWaterMark: 0 },
  );
  const name = file.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 100);
  return new Response(body, {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}.${end}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });
}
