import { ReadableStream, WritableStream } from 'node:stream/web';
import { AbortError } from '../pipelines/abort-error';
import { flushCanceled, readCanceled } from '../pipelines/errors';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { PipeWriter } from '../pipelines/pipe-writer';
import type { ViewOptions } from '../pipelines/stream-options';
import { readByNobody } from './errors';
import { toBytes } from './to-bytes';

/** `reader.asWebStream()`: reads when asked; its end and `cancel(reason)` complete the reader. */
export function readerAsWebStream(
  reader: PipeReader,
  { leaveOpen = false }: ViewOptions = {},
): ReadableStream<Uint8Array> {
  let isWaiting = false;
  const read = async () => {
    isWaiting = true;
    try {
      return await reader.read();
    } finally {
      isWaiting = false;
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { buffer, isCompleted, isCanceled } = reader.tryRead() ?? (await read());
          const chunks = isCanceled ? [] : [...buffer.chunks()];
          reader.advanceTo(isCanceled ? buffer.start : buffer.end);
          if (isCanceled) throw readCanceled('read');
          for (const chunk of chunks) controller.enqueue(chunk);
          if (isCompleted) {
            controller.close();
            if (!leaveOpen) await reader.complete();
          }
          if (isCompleted || chunks.length > 0) return;
        }
      },
      async cancel(reason) {
        // A cancellation with nothing to cancel would hit the next read, which is somebody else's.
        if (!leaveOpen) await reader.complete(reason);
        else if (isWaiting) reader.cancelPendingRead();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * `writer.asWebStream()`: `close()` completes the writer, `abort(reason)` completes it with the reason. When nobody reads
 * any more it fails, as a TransformStream does whose readable side was cancelled, so that a producer stops.
 */
export function writerAsWebStream(
  writer: PipeWriter,
  { leaveOpen = false }: ViewOptions = {},
): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    async write(chunk, controller) {
      const { isCanceled, isCompleted } = await writer.write(toBytes(chunk));
      if (isCompleted) {
        const reason = readByNobody();
        controller.error(reason);
        if (!leaveOpen) await writer.complete(reason);
      }
      if (isCanceled) throw flushCanceled('write');
    },
    async close() {
      if (leaveOpen) await writer.flush();
      else await writer.complete();
    },
    async abort(reason) {
      if (!leaveOpen) await writer.complete(reason ?? new AbortError());
    },
  });
}
