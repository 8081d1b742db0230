/** Whether a domain's mail addresses are thrown away after use; undefined where it cannot be told yet. */
export type DisposableDomains = (domain: string) => boolean | undefined;

/** Forms are often declared before anything is started: what is asked is looked up when an address comes. */
let inUse: DisposableDomains | null = null;

/**
 * Has the mail fields of this process ask another list than the one that is shipped. The last one that was named counts.
 * @returns what ends it
 */
export function useDisposableDomains(domains: DisposableDomains): () => void {
  inUse = domains;
  return () => {
    if (inUse === domains) inUse = null;
  };
}

/** Asks the list in use, and `shipped` where there is none. */
export function isDisposableDomain(domain: string, shipped: (domain: string) => boolean): boolean {
  return inUse?.(domain) ?? shipped(domain);
}
