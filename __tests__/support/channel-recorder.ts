import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import type { DecodeMessage, ReadMessage, WriteMessage } from 'pipebody';

type Message = ReadMessage | DecodeMessage | WriteMessage;

/** One event of a channel, with its message as it is printed then. */
interface Recorded {
  readonly event: string;
  readonly printed: string;
}

const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

/** Listens to one of pipebody's channels. */
export class ChannelRecorder {
  readonly recorded: Recorded[] = [];
  readonly #channel: TracingChannel;
  readonly #ended: Message[] = [];
  readonly #listeners;
  #wake: () => void = () => {};

  constructor(name: 'read' | 'decode' | 'write') {
    this.#channel = tracingChannel(`pipebody.${name}`);
    const listener = (event: string) => (message: object) => {
      this.recorded.push({ event, printed: inspect(message, { depth: Number.POSITIVE_INFINITY }) });
      if (event !== 'asyncEnd') return;
      this.#ended.push(message as Message);
      this.#wake();
    };
    this.#listeners = Object.fromEntries(events.map((event) => [event, listener(event)])) as never;
    this.#channel.subscribe(this.#listeners);
  }

  get events(): string[] {
    return this.recorded.map(({ event }) => event);
  }

  /** The messages of so many bodies that are done. */
  async ended<Kind extends Message>(count: number): Promise<Kind[]> {
    while (this.#ended.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#ended as Kind[];
  }

  stop(): void {
    this.#channel.unsubscribe(this.#listeners);
  }
}
