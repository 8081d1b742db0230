import type { Timers } from '../../../core/clock.ts';
import { SinkError } from '../driver.ts';

/** What a server answered. */
export interface Answered {
  readonly status: number;
  /** Value of `Retry-After`. */
  readonly retryAfter: string | null;
  /** At most a megabyte. */
  readonly body: string;
}

/** What drivers send with. */
export interface DriverPorts {
  /** Posts to an address of the configuration. Rejects where no answer came; never follows a redirect. */
  readonly post: (
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    network: { readonly allowHttp: boolean; readonly allowRanges: readonly string[] },
  ) => Promise<Answered>;
  /** A secret of the environment by its name. */
  readonly secret: (name: string) => string | undefined;
  /** Writes lines to standard output; resolves once they are handed over. */
  readonly write: (lines: string) => Promise<void>;
  /** Reads a file of the configuration (PEM). */
  readonly file: (path: string) => Promise<string>;
  readonly timers: Timers;
  /** Milliseconds since the epoch, for signatures. */
  readonly now: () => number;
  /** Version of the product. */
  readonly version: string;
}

/** The value of a variable. @throws SinkError where it is not set */
export function secretOf(ports: Pick<DriverPorts, 'secret'>, name: string): string {
  const value = ports.secret(name);
  if (value === undefined || value === '') throw new SinkError('down', `The variable ${name} is not set.`);
  return value;
}
