/** Bots: who is a good one, who only says so, and what is let in. */
export { botDecider, type BotFeatures } from './decide.ts';
export { BotClass, type BotClassValue, type BotPorts, type Bots, bots } from './guard.ts';
export type { BotAction, BotClassName, BotOptions, BotPolicy, BotRouteOptions } from './options.ts';
export { type BotIndex, BotRanges, type PublishedRanges, readBotRanges } from './ranges.ts';
export { type BotResolver, systemResolver } from './resolver.ts';
export { GOOD_BOTS, type GoodBot } from './table.ts';
