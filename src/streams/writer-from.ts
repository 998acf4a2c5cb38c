import type { Writable } from 'node:stream';
import type { WritableStream } from 'node:stream/web';
import { checkPool } from '../pipelines/check-pool';
import { checkSize } from '../pipelines/check-size';
import type { WriterOptions } from '../pipelines/stream-options';
import { unwritableDestination } from './errors';
import { defaultMinimumBufferSize, type SinkPipeWriter } from './sink-pipe-writer';
import { WebPipeWriter } from './web-pipe-writer';
import { WritablePipeWriter } from './writable-pipe-writer';

/** `PipeWriter.from()`: one writer for each kind of destination. */
export function writerFrom(
  destination: Writable | WritableStream<Uint8Array>,
  options: WriterOptions = {},
): SinkPipeWriter {
  checkSize('minimumBufferSize', options.minimumBufferSize ?? defaultMinimumBufferSize, 1);
  checkPool(options.pool);
  if (isWritable(destination)) return new WritablePipeWriter(destination, options);
  if (isWebWritable(destination)) return new WebPipeWriter(destination, options);
  throw unwritableDestination();
}

export function isWritable(value: unknown): value is Writable {
  return typeof (value as Writable | null)?.write === 'function' && typeof (value as Writable).on === 'function';
}

export function isWebWritable(value: unknown): value is WritableStream<Uint8Array> {
  return typeof (value as WritableStream | null)?.getWriter === 'function';
}
