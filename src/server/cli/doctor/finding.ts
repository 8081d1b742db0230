import type { HealthAnswer } from '../../api/types.ts';

/** Something to know or to do. */
export type Finding = HealthAnswer['findings'][number];

/** Worth knowing. */
export const note = (text: string, remedy: string): Finding => ({ level: 'info', text, remedy });

/** Better mended. */
export const warn = (text: string, remedy: string): Finding => ({ level: 'warning', text, remedy });

/** Must be mended. */
export const problem = (text: string, remedy: string): Finding => ({ level: 'error', text, remedy });

/** One thing that was looked at. */
export interface Examined {
  readonly check: string;
  /** What is so, where nothing is wrong. */
  readonly fine: string;
  readonly findings: readonly Finding[];
}
