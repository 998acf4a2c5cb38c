import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { isUint8Array } from 'node:util/types';
import { ReadOnlySequence } from '../buffers/read-only-sequence';
import { checkPool } from '../pipelines/check-pool';
import { checkSize } from '../pipelines/check-size';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReaderOptions, ReaderSource } from '../pipelines/stream-options';
import { BytesPipeReader } from './bytes-pipe-reader';
import { unreadableSource } from './errors';
import { type ChunkSource, PulledPipeReader } from './pulled-pipe-reader';
import { ReadablePipeReader } from './readable-pipe-reader';
import { toBytes } from './to-bytes';

/** `PipeReader.from()`: one reader for each kind of source. */
export function readerFrom(source: ReaderSource, options: ReaderOptions = {}): PipeReader {
  const { bufferSize = 4_096, minimumReadSize = 1_024, leaveOpen = false } = options;
  // Nothing is read into blocks, but what is no size is a mistake all the same.
  checkSize('bufferSize', bufferSize, 1);
  checkSize('minimumReadSize', minimumReadSize, 1);
  checkPool(options.pool);
  if (source instanceof ReadOnlySequence) return new BytesPipeReader(source);
  if (isUint8Array(source)) return new BytesPipeReader([toBytes(source)]);
  if (isReadable(source)) return new ReadablePipeReader(source, leaveOpen);
  if (isWebReadable(source)) return new PulledPipeReader(webSource(source, leaveOpen));
  if (isAsyncIterable(source)) return new PulledPipeReader(iterableSource(source, leaveOpen));
  throw unreadableSource();
}

function webSource(stream: ReadableStream<Uint8Array>, leaveOpen: boolean): ChunkSource {
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    close: async (error) => {
      if (leaveOpen) reader.releaseLock();
      else await reader.cancel(error).catch(() => {});
    },
  };
}

function iterableSource(iterable: AsyncIterable<Uint8Array>, leaveOpen: boolean): ChunkSource {
  const iterator = iterable[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    close: async () => {
      if (!leaveOpen) await iterator.return?.();
    },
  };
}

export function isReadable(value: unknown): value is Readable {
  if (typeof (value as Readable | null)?.pipe !== 'function' || typeof (value as Readable).on !== 'function')
    return false;
  // Node's own Writable has a pipe(), too: it only fails.
  return (
    typeof (value as Readable).read === 'function' ||
    typeof (value as { write?: unknown }).write !== 'function' ||
    'readable' in (value as Readable)
  );
}

export function isWebReadable(value: unknown): value is ReadableStream<Uint8Array> {
  return typeof (value as ReadableStream | null)?.getReader === 'function';
}

function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof (value as AsyncIterable<unknown> | null)?.[Symbol.asyncIterator] === 'function';
}
