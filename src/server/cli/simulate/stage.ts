import type { Pace } from './pace.ts';
import type { Chance } from './random.ts';
import type { Answer, Client, Sent } from './send.ts';
import type { Survey } from './survey.ts';
import type { Side, Tally } from './tally.ts';

/** What an actor acts with. */
export interface Stage {
  readonly chance: Chance;
  readonly survey: Survey;
  /** Such as `http://127.0.0.1:4600`. */
  readonly origin: string;
  /** Waits its turn, sends, counts. @throws when the run ends */
  readonly ask: (sent: Sent) => Promise<Answer>;
  /** The same for bytes that need not be HTTP. */
  readonly askRaw: (bytes: string) => Promise<Answer>;
  /** Waits like a person. @throws when the run ends */
  readonly pause: (leastMs: number, mostMs: number) => Promise<void>;
  /** Leaves a request for when the run is over: it takes back what the part did, and is not counted. */
  readonly afterwards: (sent: Sent) => void;
  /** Says that what came before was preparation: the attack begins now. */
  readonly begins: () => void;
}

/** A way of acting. `act` goes on until the stage throws. */
export interface Part {
  readonly kind: string;
  /** Detectors of which one has to see it; none where it is only to be refused. */
  readonly expects?: readonly string[];
  /** Needs the operator's key, which is the first node's alone. */
  readonly atFirst?: true;
  /** Speaks from several addresses, or its detector names none: it is told apart by the detector alone. */
  readonly roams?: true;
  /** Why it cannot act against this server, or `undefined`. */
  lacks(survey: Survey): string | undefined;
  act(stage: Stage): Promise<void>;
}

/** Builds the stage of one actor. */
export function createStage(parts: {
  readonly side: Side;
  readonly kind: string;
  readonly client: Client;
  readonly pace: Pace;
  readonly tally: Tally;
  readonly chance: Chance;
  readonly survey: Survey;
  readonly origin: string;
  readonly afterwards: (sent: Sent) => void;
}): Stage {
  const { side, kind, client, pace, tally, chance, survey, origin, afterwards } = parts;
  const counted = (answer: Answer, isFine = false): Answer => {
    tally.add(side, kind, answer, isFine);
    return answer;
  };
  return {
    chance,
    survey,
    origin,
    afterwards,
    async ask(sent) {
      await pace.turn();
      tally.sends(side, kind);
      const answer = await client.send(sent);
      return counted(answer, answer.status === sent.alsoFine);
    },
    async askRaw(bytes) {
      await pace.turn();
      tally.sends(side, kind);
      return counted(await client.sendRaw(bytes));
    },
    begins: () => tally.begins(side, kind),
    pause: (leastMs, mostMs) => pace.pause(chance.whole(leastMs, mostMs)),
  };
}
