export { type Agent, agentOf, sameAgent } from './agent.ts';
export type { SessionPorts } from './house.ts';
export {
  type LevelLifetime,
  type OnMismatch,
  readSessionOptions,
  type SessionOptions,
  type SessionSettings,
} from './options.ts';
export { createSessions, type ManagedSessions } from './sessions.ts';
