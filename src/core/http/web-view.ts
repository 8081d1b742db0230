import type { RequestView } from '../request.ts';

/** A Web-standard Request as guards see it. */
export class WebView implements RequestView {
  readonly target: string;
  readonly peer: string | undefined;
  readonly #request: Request;

  /** @param peer remote address, where the runtime tells it */
  constructor(request: Request, peer: string | undefined) {
    this.#request = request;
    this.peer = peer;
    const { url } = request;
    const slash = url.indexOf('/', url.indexOf('://') + 3);
    this.target = slash < 0 ? '/' : url.slice(slash);
  }

  get method(): string {
    return this.#request.method;
  }

  get encrypted(): boolean {
    return this.#request.url.startsWith('https:');
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  /** Repeated ones are joined by the runtime already. */
  rawHeaders(): readonly string[] {
    return [...this.#request.headers].flat();
  }
}
