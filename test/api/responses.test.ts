import { onEmbedded } from './databases.ts';
import { responseSuite } from './responses.ts';

onEmbedded(responseSuite);
