/**
 * Tells all nodes that something changed. At most once, within a second, no order across channels: receivers read the
 * truth from the database and treat a message as a hint. The sender hears its own messages.
 */
export interface Bus {
  readonly kind: 'memory' | 'redis' | 'postgres';
  /** Never rejects for want of listeners; rejects when the store is down. `message` at most 4,000 bytes. */
  publish(channel: string, message: string): Promise<void>;
  /** @returns what stops it */
  subscribe(channel: string, handler: (message: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
