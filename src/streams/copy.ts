import type { Readable, Writable } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { AbortError } from '../pipelines/abort-error';
import type { PipeReader } from '../pipelines/pipe-reader';
import { PipeWriter } from '../pipelines/pipe-writer';
import type { WaitOptions } from '../pipelines/results';
import { readerFrom } from './reader-from';
import { RunningCopy } from './running-copy';
import { writerFrom } from './writer-from';

/** `reader.copyTo()`. */
export async function copyTo(
  reader: PipeReader,
  destination: PipeWriter | Writable | WritableStream<Uint8Array>,
  options: WaitOptions = {},
): Promise<void> {
  if (destination instanceof PipeWriter) return new RunningCopy(reader, destination, options).run();
  const writer = writerFrom(destination, { leaveOpen: true });
  try {
    await new RunningCopy(reader, writer, options).run(() => writer.settle(options));
  } catch (error) {
    // Lets go at once: a destination that is stuck must not keep the copy from failing.
    await writer.complete(error ?? new AbortError());
    throw error;
  }
  await writer.complete();
}

/** `writer.copyFrom()`. */
export async function copyFrom(
  writer: PipeWriter,
  source: Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  options: WaitOptions = {},
): Promise<void> {
  const reader = readerFrom(source, { leaveOpen: true });
  try {
    await new RunningCopy(reader, writer, options).run();
  } finally {
    await reader.complete();
  }
}
