/** Patterns of traffic: who asks too fast, who looks for what is not there, how hard the site is pressed. */
export { trafficDecider, type TrafficFeatures, type TrafficState } from './decide.ts';
export { Posture, type TrafficBlock, type TrafficPorts } from './guard.ts';
export { type PostureChange, type PostureView, readLevel } from './keeper.ts';
export type { TrafficOptions, TrafficRouteOptions } from './options.ts';
export { type ClientReport, readClientReport } from './peers.ts';
export { POSTURE_LEVELS, type PostureLevel } from './posture.ts';
export { type Traffic, TRAFFIC_BLOCKER, trafficPatterns } from './traffic.ts';
