import { describe } from 'vitest';
import { onEachDatabase } from '../../../test/api/databases.ts';
import { actSuite } from './test-acts.ts';
import { overviewSuite } from './test-overview.ts';
import { recordSuite } from './test-records.ts';

// One file, because each opens databases of its own.
onEachDatabase((stores) => {
  describe('records', () => recordSuite(stores));
  describe('the overview', () => overviewSuite(stores));
  describe('acts', () => actSuite(stores));
});
