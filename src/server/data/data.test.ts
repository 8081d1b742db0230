import { describe } from 'vitest';
import { onEachDatabase } from '../../../test/api/databases.ts';
import { actSuite } from './test-acts.ts';
import { eventPartSuite } from './test-event-parts.ts';
import { eventWritingSuite } from './test-event-writing.ts';
import { eventWordSuite } from './test-event-words.ts';
import { eventSuite } from './test-events.ts';
import { overviewSuite } from './test-overview.ts';
import { recordSuite } from './test-records.ts';
import { securitySuite } from './test-security.ts';
import { uploadSuite } from './test-uploads.ts';

// One file, because each opens databases of its own.
onEachDatabase((stores) => {
  describe('records', () => recordSuite(stores));
  describe('the overview', () => overviewSuite(stores));
  describe('partitions of events', () => eventPartSuite(stores));
  describe('events that are searched', () => eventSuite(stores));
  describe('events that are written', () => eventWritingSuite(stores));
  describe('words of events', () => eventWordSuite(stores));
  describe('acts', () => actSuite(stores));
  describe('the security overview', () => securitySuite(stores));
  describe('uploads', () => uploadSuite(stores));
});
