import type { Readable, Writable } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { AbortError, checkSignal } from '../pipelines/abort-error';
import { BufferedPipeWriter, flushed } from '../pipelines/buffered-pipe-writer';
import { flushCanceled, readCanceled } from '../pipelines/errors';
import type { PipeReader } from '../pipelines/pipe-reader';
import { PipeWriter } from '../pipelines/pipe-writer';
import type { FlushResult, WaitOptions } from '../pipelines/results';
import { readerFrom } from './reader-from';
import { writerFrom } from './writer-from';

/** `reader.copyTo()`. */
export async function copyTo(
  reader: PipeReader,
  destination: PipeWriter | Writable | WritableStream<Uint8Array>,
  options: WaitOptions = {},
): Promise<void> {
  if (destination instanceof PipeWriter) return copy(reader, destination, options);
  const writer = writerFrom(destination, { leaveOpen: true });
  try {
    await copy(reader, writer, options);
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
  const stopListening = listenForCancellation(writer, reader);
  try {
    await copy(reader, writer, options);
  } finally {
    stopListening();
    await reader.complete();
  }
}

/** A copy waits for its source most of the time: cancelling the writer's flush ends that wait, too. */
function listenForCancellation(writer: PipeWriter, reader: PipeReader): () => void {
  // A second copy is refused by its first flush and leaves the first one as it is.
  if (!(writer instanceof BufferedPipeWriter) || writer.whenCancelled !== undefined) return () => {};
  writer.whenCancelled = () => reader.cancelPendingRead();
  return () => {
    writer.whenCancelled = undefined;
  };
}

async function copy(reader: PipeReader, writer: PipeWriter, options: WaitOptions): Promise<void> {
  checkSignal(options.signal);
  for (;;) {
    const { buffer, isCompleted, isCanceled } = reader.tryRead() ?? (await reader.read(options));
    let written = 0;
    let result: FlushResult = flushed;
    try {
      if (isCanceled) throw readCanceled('copy');
      for (const segment of buffer) {
        checkSignal(options.signal);
        result = await put(writer, segment, options, () => {
          written += segment.length;
        });
        if (result.isCanceled) throw flushCanceled('copy');
        if (result.isCompleted) break;
      }
    } finally {
      reader.advanceTo(buffer.getPosition(written));
    }
    if (isCompleted || result.isCompleted) return;
  }
}

/** Writes a segment. An aborted wait leaves it written; when the destination failed, it was not. */
async function put(
  writer: PipeWriter,
  segment: Buffer,
  options: WaitOptions,
  whenWritten: () => void,
): Promise<FlushResult> {
  writer.getMemory(segment.length).set(segment);
  writer.advance(segment.length);
  try {
    const result = await writer.flush(options);
    whenWritten();
    return result;
  } catch (error) {
    if (error instanceof AbortError) whenWritten();
    throw error;
  }
}
