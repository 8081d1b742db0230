/**
 * Where the caller of a decision was, as far as was known when it was written: what is looked up later, in another
 * database of places, would be of another place. Columns without a default are there at once, however many rows there are.
 */
export const decisionPlaces = `
ALTER TABLE rampart.decisions ADD COLUMN asn bigint, ADD COLUMN country text;`;
