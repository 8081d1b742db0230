import bowser from 'bowser';

/** What a client is, coarsely: an update of the browser changes nothing of it. */
export interface Agent {
  /** Name of the browser, such as `Firefox`; `unknown` for anything that is none. */
  readonly family: string;
  /** Name of the operating system, such as `Windows`; `unknown`. */
  readonly platform: string;
  /** Both for people, in plain letters: `Firefox on Windows`, `Unknown device`. */
  readonly name: string;
}

const MAX_AGENT_LENGTH = 512;
const MAX_PLATFORM_LENGTH = 40;
const UNKNOWN = 'unknown';

/** What User-Agent and Sec-CH-UA-Platform call the same thing. */
const SAME_PLATFORM: ReadonlyMap<string, string> = new Map([
  ['macos', 'macOS'],
  ['mac os x', 'macOS'],
  ['chrome os', 'Chrome OS'],
  ['chromeos', 'Chrome OS'],
  ['chromium os', 'Chrome OS'],
  ['windows', 'Windows'],
  ['linux', 'Linux'],
  ['android', 'Android'],
  ['ios', 'iOS'],
]);

/**
 * Reads coarse signals off a request.
 * @param userAgent its first 512 characters are looked at
 * @param platform Sec-CH-UA-Platform, with or without quotes: used where the User-Agent names no platform
 */
export function agentOf(userAgent: string | undefined, platform: string | undefined): Agent {
  const parsed = parse((userAgent ?? '').slice(0, MAX_AGENT_LENGTH));
  const family = plain(parsed.browser);
  const said = (platform ?? '').slice(0, MAX_PLATFORM_LENGTH).replaceAll('"', '');
  const system = plain(parsed.os ?? (SAME_PLATFORM.has(said.toLowerCase()) ? said : undefined));
  const os = SAME_PLATFORM.get(system.toLowerCase()) ?? system;
  return { family, platform: os, name: nameOf(family, os) };
}

function parse(userAgent: string): { browser?: string | undefined; os?: string | undefined } {
  if (userAgent.trim() === '') return {};
  const { browser, os } = bowser.parse(userAgent);
  return { browser: browser.name, os: os.name };
}

/** Names come out of what a stranger wrote: letters, digits and a few signs, at most 40. */
function plain(name: string | undefined): string {
  const kept = (name ?? '')
    .replaceAll(/[^A-Za-z0-9 .+_-]/g, '')
    .slice(0, 40)
    .trim();
  return kept === '' ? UNKNOWN : kept;
}

function nameOf(family: string, platform: string): string {
  if (family === UNKNOWN && platform === UNKNOWN) return 'Unknown device';
  if (family === UNKNOWN) return platform;
  return platform === UNKNOWN ? family : `${family} on ${platform}`;
}

/** Whether two are the same kind of client. */
export function sameAgent(
  one: Pick<Agent, 'family' | 'platform'>,
  other: Pick<Agent, 'family' | 'platform'>,
): boolean {
  return one.family === other.family && one.platform === other.platform;
}
