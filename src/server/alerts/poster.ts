import { safeFetcher, type SafeFetch } from '../../modules/shield/index.ts';
import type { ChannelPorts, ReadAlertOptions } from '../../modules/respond/index.ts';

/** Posts to addresses of the configuration: to the internet, and to what `fetch` names of one's own network. */
export function poster({ allowHttp, allowRanges }: ReadAlertOptions['fetch']): ChannelPorts['post'] {
  const byPort = new Map<number, SafeFetch>();
  const fetcherOf = (url: URL): SafeFetch => {
    // Whoever wrote the address down meant its port, too; there are as many as channels.
    const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port);
    const known = byPort.get(port) ?? safeFetcher({ allowHttp, allowRanges, ports: [port], timeout: '15s' });
    byPort.set(port, known);
    return known;
  };
  // Read early, so that a range that is none is refused at the start.
  safeFetcher({ allowHttp, allowRanges });
  return async (url, headers, body) => {
    const address = new URL(url);
    const response = await fetcherOf(address)(address, { method: 'POST', headers, body });
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  };
}
