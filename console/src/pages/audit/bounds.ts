/** More events than a page of a browser should hold; the command line has no such bound. */
export const MAX_EXPORTED = 200_000;
