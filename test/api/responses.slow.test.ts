import { onEachDatabase } from './databases.ts';
import { responseSuite } from './responses.ts';

onEachDatabase(responseSuite);
