import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../core/clock.ts';
import { ATTACKS } from './attackers.ts';
import { HONEST } from './honest.ts';
import { createPace, type Pace } from './pace.ts';
import { seeded, seedOf } from './random.ts';
import type { Played } from './detected.ts';
import { type Client, createClient, type Sent } from './send.ts';
import { createStage, type Part } from './stage.ts';
import { type Survey, survey } from './survey.ts';
import { type Side, Tally } from './tally.ts';
import { type Addresses, findAddresses, type Target } from './target.ts';

/** What a run does. */
export interface RunOptions {
  readonly target: Target;
  /** Other nodes of the same house; actors take them in turn. */
  readonly others?: readonly Target[];
  /** Speaks as a proxy that the server trusts, so that each actor has an address of the internet. */
  readonly asProxy?: boolean;
  /** Addresses whose places the server knows, far apart from each other. */
  readonly places?: readonly string[];
  /** Value of `Authorization` that speaks for the operator. */
  readonly operator?: string | undefined;
  /** 1 to 3600. */
  readonly seconds: number;
  /** Honest actors, 0 to 200. */
  readonly honest: number;
  /** Attackers, 0 to 64. */
  readonly attackers: number;
  /** The same seed acts the same. */
  readonly seed: number;
}

/** What a run was. */
export interface RunResult {
  readonly tally: Tally;
  readonly seconds: number;
  /** What was different from what was wanted, a sentence each. */
  readonly notes: readonly string[];
  /** Attacks that were played and have to be seen. */
  readonly played: readonly Played[];
  /** Milliseconds since the epoch. */
  readonly beganMs: number;
}

/** Requests a second at most, of each side: together 300. */
const HONEST_PER_SECOND = 100;
const ATTACKS_PER_SECOND = 200;
/** How long answers that are under way at the end are waited for. */
const LAST_ANSWERS_MS = 5_000;

interface Actor {
  readonly side: Side;
  readonly part: Part;
  readonly client: Client;
  readonly seed: number;
  /** As the server sees it; undefined where that is not known. */
  readonly address: string | undefined;
}

/**
 * Lets honest users and attackers act side by side until the time is over.
 * @param progress told about once a second
 * @param stop ends the run early
 * @returns the result, or `undefined` when the server does not answer
 */
export async function run(
  options: RunOptions,
  clock: Clock,
  progress: (tally: Tally, leftSeconds: number) => void,
  stop: AbortSignal,
): Promise<RunResult | undefined> {
  const scout = createClient(options.target, undefined, clock);
  const found = await survey(
    scout,
    options.operator,
    options.asProxy === true ? (options.places ?? []) : undefined,
  ).finally(() => scout.close());
  if (!found) return undefined;
  const addresses = await findAddresses(options.target, options.asProxy === true);
  const notes: string[] = [...found.notes];
  const actors = castOf(options, found, addresses, clock, notes);
  const tally = new Tally(clock);
  const beganMs = clock.now();
  const fromMs = clock.monotonic();
  const end = AbortSignal.any([stop, AbortSignal.timeout(options.seconds * 1000)]);
  // Everybody who pauses listens to it.
  setMaxListeners(0, end);
  const ticking = setInterval(
    () => progress(tally, Math.max(0, options.seconds - (clock.monotonic() - fromMs) / 1000)),
    1000,
  );
  try {
    await play(actors, found, options, tally, clock, end);
  } finally {
    clearInterval(ticking);
    for (const actor of actors) actor.client.close();
  }
  const seconds = (clock.monotonic() - fromMs) / 1000;
  return { tally, seconds, notes, beganMs, played: playedBy(actors, tally) };
}

/** Attacks that some detector has to see, each once, with the addresses of all its actors. */
function playedBy(actors: readonly Actor[], tally: Tally): readonly Played[] {
  const played = new Map<string, Played & { readonly addresses: string[] }>();
  for (const { part, address } of actors) {
    const { kind, expects = [] } = part;
    const beganMs = tally.kinds.get(kind)?.beganMs;
    if (expects.length === 0 || beganMs === undefined) continue;
    const known = played.get(kind) ?? { kind, expects, beganMs, addresses: [] };
    if (address !== undefined && part.roams !== true) known.addresses.push(address);
    played.set(kind, known);
  }
  return [...played.values()];
}

/** Gives out the parts, and notes which of them this server leaves no room for. */
function castOf(
  options: RunOptions,
  found: Survey,
  addresses: Addresses,
  clock: Clock,
  notes: string[],
): readonly Actor[] {
  if (!addresses.distinct) {
    notes.push(
      'This system lets nobody speak from 127.0.1.x and 127.0.2.x: honest users and attackers share one address, so limits by address meet both.',
    );
  }
  const cast = (side: Side, parts: readonly Part[], count: number): readonly Actor[] => {
    const able = parts.filter((part) => part.lacks(found) === undefined);
    for (const part of new Set(parts)) {
      const lack = part.lacks(found);
      if (lack !== undefined && count > 0) notes.push(`Left out: ${part.kind}; ${lack}.`);
    }
    const nodes = [options.target, ...(options.others ?? [])];
    return Array.from({ length: able.length === 0 ? 0 : count }, (_, index) => {
      const part = able[index % able.length] as Part;
      const node = nodes[part.atFirst === true ? 0 : index % nodes.length] as Target;
      return {
        side,
        part,
        address: addresses.named(side, index) ?? addresses.of(side, index),
        client: createClient(node, addresses.of(side, index), clock, addresses.named(side, index)),
        seed: seedOf(options.seed, side === 'honest' ? index : 1000 + index),
      };
    });
  };
  return [...cast('honest', HONEST, options.honest), ...cast('attacker', ATTACKS, options.attackers)];
}

async function play(
  actors: readonly Actor[],
  found: Survey,
  options: RunOptions,
  tally: Tally,
  clock: Clock,
  end: AbortSignal,
): Promise<void> {
  const paces: Readonly<Record<Side, Pace>> = {
    honest: createPace(HONEST_PER_SECOND, clock, end),
    attacker: createPace(ATTACKS_PER_SECOND, clock, end),
  };
  const underWay = new Set<Promise<unknown>>();
  const left: { readonly client: Client; readonly sent: Sent }[] = [];
  const acts = actors.map(async ({ side, part, client, seed }) => {
    const stage = createStage({
      side,
      kind: part.kind,
      client: watched(client, underWay),
      pace: paces[side],
      tally,
      chance: seeded(seed),
      survey: found,
      origin: options.target.origin,
      afterwards: (sent) => void left.push({ client, sent }),
    });
    await part.act(stage).catch((error: unknown) => {
      if (!end.aborted) throw error;
    });
  });
  await Promise.all(acts);
  const last = Promise.allSettled(underWay);
  await Promise.race([last, new Promise((resolve) => setTimeout(resolve, LAST_ANSWERS_MS).unref())]);
  // In order: a role is taken away before its account is locked.
  for (const { client, sent } of left) await client.send(sent);
}

/** A client whose requests under way are known. */
function watched(client: Client, underWay: Set<Promise<unknown>>): Client {
  const watch = <T>(answer: Promise<T>): Promise<T> => {
    underWay.add(answer);
    void answer.finally(() => underWay.delete(answer));
    return answer;
  };
  return {
    send: (sent) => watch(client.send(sent)),
    sendRaw: (bytes) => watch(client.sendRaw(bytes)),
    close: () => client.close(),
  };
}
