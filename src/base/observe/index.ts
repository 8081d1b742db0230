export { accessLog, bufferedSink, type BufferedSink, type BufferedSinkOptions } from './access-log.ts';
export { DurationHistogram } from './histogram.ts';
export {
  createLogger,
  LOG_LEVELS,
  oneLine,
  prettySink,
  type LineSink,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './logger.ts';
export { isMilestone } from './milestone.ts';
export { isSecretName, REDACTED, redact, redactText } from './redact.ts';
export {
  TRAFFIC_KINDS,
  trafficKind,
  TrafficMeter,
  type RouteTraffic,
  type TrafficKind,
  type TrafficMinute,
} from './traffic.ts';
