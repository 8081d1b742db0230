/** Whether a version such as `v20.1.0` is older than the project runs on. */
export function isTooOld(version: string): boolean;
