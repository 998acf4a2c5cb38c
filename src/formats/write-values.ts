import { isPromise } from 'node:util/types';
import { AbortError } from '../pipelines/abort-error';
import { checkSize } from '../pipelines/check-size';
import type { PipeWriter } from '../pipelines/pipe-writer';
import type { FlushResult, WaitOptions } from '../pipelines/results';
import { PacedTextWriter } from './paced-text-writer';
import { Producer } from './producer';
import { Turns } from './turns';

/** Options of everything that writes values as they come. */
export interface WriteValuesOptions extends WaitOptions {
  /**
   * Milliseconds that a value waits at most for others to fill 16 KiB, before it is flushed. 0 flushes after every
   * value. Default 100.
   */
  flushInterval?: number;
}

export const defaultFlushInterval = 100;

/** What stands before the first value, between two, behind each one, and at the end. */
export interface Punctuation {
  readonly begin: string;
  readonly between: string;
  readonly behind: string;
  readonly end: string;
}

/**
 * Writes values as JSON, at the pace of the reader and of the producer. Does not complete the writer.
 *
 * The producer is stopped when nobody reads any more. What leaves the text incomplete (an error of the producer, a value
 * that is no JSON, an aborted signal) completes the writer with that error, so that what was sent does not look whole.
 * Before anything was written, nothing can look so: an error of the producer leaves the writer as it was, for another answer.
 */
export async function writeValues(
  writer: PipeWriter,
  values: Iterable<unknown> | AsyncIterable<unknown>,
  punctuation: Punctuation,
  options: WriteValuesOptions,
): Promise<FlushResult> {
  const { flushInterval = defaultFlushInterval, signal } = options;
  checkSize('flushInterval', flushInterval, 0);
  const text = new PacedTextWriter(writer, flushInterval, signal === undefined ? {} : { signal });
  const producer = new Producer(values);
  const onAbort = () => producer.interrupt(new AbortError(signal?.reason));
  text.whenStopped = (error) => producer.interrupt(error);
  signal?.addEventListener('abort', onAbort);
  try {
    if (signal?.aborted) onAbort();
    return await writeAll(text, producer, punctuation);
  } catch (error) {
    if (text.hasBegun || signal?.aborted) writer.complete(error).catch(() => {});
    // The first error is the one that counts.
    await producer.stop().catch(() => {});
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    text.end();
  }
}

async function writeAll(text: PacedTextWriter, producer: Producer, punctuation: Punctuation): Promise<FlushResult> {
  const { begin, between, behind, end } = punctuation;
  const turns = new Turns();
  for (let before = begin; ; before = between) {
    const next = producer.next();
    if (isPromise(next)) text.idle();
    const step = isPromise(next) ? await next : next;
    if (step === undefined) {
      await text.write(before === begin ? begin + end : end);
      return text.flush();
    }
    if (!(await text.write(before + toJson(step.value) + behind))) {
      await producer.stop();
      return text.flush();
    }
    if (turns.step()) await turns.next();
  }
}

/** A value that JSON does not know is null, as it is within an array. */
export function toJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
