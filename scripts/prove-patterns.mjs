/**
 * node scripts/prove-patterns.mjs: proves that the regular expressions of the house take linear time, and keeps the proofs
 * in test/house/proven-patterns.json, so that tests need not find them again. Ends with 1 where one is not safe.
 */
import { writeFileSync } from 'node:fs';
import { inRecentNode } from './lib/project.mjs';

await inRecentNode();
const { fault, housePatterns, isBounded, keptProofs, proof, PROOFS } = await import('../test/house/prove.ts');
const kept = keptProofs();
const proven = [];
let faults = 0;
for (const pattern of housePatterns()) {
  if (isBounded(pattern)) continue;
  const found = kept.has(proof(pattern)) ? null : await fault(pattern);
  if (found === null) proven.push(proof(pattern));
  else {
    faults += 1;
    console.log(found);
  }
}
writeFileSync(PROOFS, `${JSON.stringify(proven.sort(), null, 2)}\n`);
console.log(`${proven.length} proven`);
process.exit(faults === 0 ? 0 : 1);
