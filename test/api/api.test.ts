import { describe } from 'vitest';
import { accessSuite } from './access.ts';
import { onEmbedded } from './databases.ts';
import { hostileSuite } from './hostile.ts';
import { liveSuite } from './live.ts';
import { pageSuite } from './pages.ts';
import { ruleSetSuite } from './rule-sets.ts';
import { sampleRowSuite } from './sample-rows.ts';
import { sampleSuite } from './sample.ts';

// One file, because each opens a database of its own.
onEmbedded((stores) => {
  describe('access', () => accessSuite(stores));
  describe('hostile input', () => hostileSuite(stores));
  describe('the live stream', () => liveSuite(stores));
  describe('the sample application', () => sampleSuite(stores));
  describe('the rest of the sample application', () => sampleRowSuite(stores));
  describe('rule sets', () => ruleSetSuite(stores));
  describe('pages', () => pageSuite(stores));
});
