import { type SafeFetch, safeFetcher } from '../../modules/shield/index.ts';
import type { DriverPorts, ReadSink } from '../../modules/sinks/index.ts';

type Network = Parameters<DriverPorts['post']>[3];

/** Of 500 events a bulk answer is some tens of kilobytes. */
const MAX_ANSWER_BYTES = 1_048_576;

/**
 * Posts to addresses of the configuration: to the public internet, and to what `fetch` names of one's own network. Nothing else
 * is connected to, whatever a name resolves to.
 * @throws OptionsError where a range of a sink is none
 */
export function sinkPoster(sinks: readonly ReadSink[]): DriverPorts['post'] {
  const fetchers = new Map<string, SafeFetch>();
  for (const sink of sinks) if ('fetch' in sink) fetcherOf(fetchers, new URL(sink.url), sink.fetch);
  return async (url, headers, body, network) => {
    const address = new URL(url);
    const response = await fetcherOf(fetchers, address, network)(address, { method: 'POST', headers, body });
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: await response.text(),
    };
  };
}

/** As many as there are sinks. */
function fetcherOf(known: Map<string, SafeFetch>, url: URL, network: Network): SafeFetch {
  // Whoever wrote the address down meant its port, too.
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port);
  const { allowHttp, allowRanges } = network;
  const key = JSON.stringify([port, allowHttp, allowRanges]);
  const found =
    known.get(key) ??
    safeFetcher({ allowHttp, allowRanges, ports: [port], timeout: '15s', maxBodyBytes: MAX_ANSWER_BYTES });
  known.set(key, found);
  return found;
}
