/** What this node saw of one policy since it started. */
export class Watch {
  /** Requests that the policy let through. */
  passed = 0;
  /** Requests that it refused, or in shadow mode would have refused. */
  refused = 0;

  /** A request asked for `key`. */
  saw(_key: string, _nowMs: number): void {}
}
