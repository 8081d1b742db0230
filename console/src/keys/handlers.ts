import type { Command } from './keymap.ts';

/** What answers a command. */
export type Handler = () => void;

/**
 * Who answers which command. Of pages the newest answer wins; the frame around them answers where no page does, whichever of
 * them was drawn first: effects of a frame run after those of what stands in it.
 */
export class Handlers {
  readonly #pages = new Map<Command, Handler[]>();
  readonly #frame = new Map<Command, Handler[]>();

  /** @returns ends it */
  add(command: Command, handler: Handler, isFrame: boolean): () => void {
    const all = isFrame ? this.#frame : this.#pages;
    all.set(command, [...(all.get(command) ?? []), handler]);
    return () =>
      void all.set(
        command,
        (all.get(command) ?? []).filter((one) => one !== handler),
      );
  }

  /** What answers now. */
  of(command: Command): Handler | undefined {
    return this.#pages.get(command)?.at(-1) ?? this.#frame.get(command)?.at(-1);
  }
}
