export { type AlertInput, type AlertPorts, type Alerts, openAlerts } from './alerts.ts';
export { AlertBook, type BookPorts } from './book.ts';
export type { ChannelPorts, Posted } from './channels/index.ts';
export type {
  ChannelKind,
  ChannelOptions,
  EmailChannelOptions,
  LogChannelOptions,
  PagerDutyChannelOptions,
  ReadChannel,
  SlackChannelOptions,
  WebhookChannelOptions,
} from './channel-options.ts';
export { type ChannelRecord, Deliveries, type Delivery } from './deliveries.ts';
export {
  type AlertOptions,
  type EscalationOptions,
  type QuietHoursOptions,
  type ReadAlertOptions,
  readAlertOptions,
} from './options.ts';
export { act, type Act, type AlertRules, due, isOpen, MAX_EVENTS, occur } from './state.ts';
export { type AlertQuery, AlertStore, MAX_NOTES } from './store.ts';
export { alertOriginIndexes, alertTables } from './tables.ts';
export {
  type Alert,
  ALERT_STATES,
  type AlertRecommendation,
  type AlertState,
  type Cause,
  type Note,
  type NoteKind,
  type Occurrence,
  type Step,
} from './types.ts';
