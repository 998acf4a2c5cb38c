import { flushCanceled } from '../pipelines/errors';
import type { PipeWriter } from '../pipelines/pipe-writer';
import type { FlushResult, WaitOptions } from '../pipelines/results';
import { TextWriter } from './text-writer';

/** setTimeout takes no more, and would fire at once. */
const longestDelay = 2 ** 31 - 1;

/**
 * Writes text that is flushed by size, and by time: what was written waits no longer than `flushInterval` milliseconds
 * for more, also while whoever writes waits for something else.
 */
export class PacedTextWriter {
  readonly #text: TextWriter;
  readonly #flushInterval: number;
  readonly #options: WaitOptions;
  #hasBegun = false;
  #timer: NodeJS.Timeout | undefined;
  #isOverdue = false;
  #isIdle = false;
  /** A flush that the timer began. Does not reject: what went wrong is told to {@link whenStopped}, or by the next write. */
  #flushing: Promise<void> | undefined;

  /** Told when a flush of the timer finds that nobody reads any more (without an error), or fails. */
  whenStopped: ((error?: unknown) => void) | undefined;

  constructor(writer: PipeWriter, flushInterval: number, options: WaitOptions) {
    this.#text = new TextWriter(writer);
    this.#flushInterval = Math.min(flushInterval, longestDelay);
    this.#options = options;
  }

  /** Whether anything was written. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Writes, at the pace of the reader; whether anybody reads on. */
  async write(text: string): Promise<boolean> {
    this.#hasBegun = true;
    this.#isIdle = false;
    if (this.#flushing !== undefined) await this.#flushing;
    const result = await this.#text.write(text, this.#options);
    if (this.#isOverdue || this.#flushInterval === 0) return isRead(await this.flush());
    if (this.#text.unflushedBytes > 0) this.#timer ??= setTimeout(this.#onTime, this.#flushInterval);
    return isRead(result);
  }

  /** Whoever writes waits for something else: the timer may flush on its own. */
  idle(): void {
    this.#isIdle = true;
    if (this.#isOverdue) this.#flushMeanwhile();
  }

  /** Hands on everything that was written. */
  async flush(): Promise<FlushResult> {
    // Nothing is flushed meanwhile: a write came before, which waited for it.
    this.#isOverdue = false;
    const result = await this.#text.flush(this.#options);
    isRead(result);
    return result;
  }

  /** Nothing more will be written. */
  end(): void {
    this.whenStopped = undefined;
    clearTimeout(this.#timer);
  }

  readonly #onTime = (): void => {
    this.#timer = undefined;
    this.#isOverdue = this.#text.unflushedBytes > 0;
    if (this.#isOverdue && this.#isIdle) this.#flushMeanwhile();
  };

  #flushMeanwhile(): void {
    this.#isOverdue = false;
    this.#flushing = this.#text.flush(this.#options).then(
      (result) => {
        this.#flushing = undefined;
        if (result.isCompleted) this.whenStopped?.();
      },
      (error) => {
        this.#flushing = undefined;
        this.whenStopped?.(error);
      },
    );
  }
}

/** Whether anybody reads on. */
function isRead({ isCompleted, isCanceled }: FlushResult): boolean {
  if (isCanceled) throw flushCanceled('writing');
  return !isCompleted;
}
