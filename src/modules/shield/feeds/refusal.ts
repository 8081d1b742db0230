/** Why a feed is not brought up to date, in words that name the remedy; no part of an address or a key is in them. */
export class FeedRefusal extends Error {
  override readonly name = 'FeedRefusal';
}
