/** Where the histogram stands on its page, as an address names it. */
export const HISTOGRAM = 'histogram';
