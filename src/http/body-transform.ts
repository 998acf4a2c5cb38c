import { type Duplex, pipeline, type Readable, type Writable } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { PipeReader } from '../pipelines/pipe-reader';
import { PipeWriter } from '../pipelines/pipe-writer';
import { isReadable, isWebReadable } from '../streams/reader-from';
import { isWebWritable, isWritable } from '../streams/writer-from';
import { notATransform } from './errors';

/** What a body can be piped through: a Duplex (`zlib.createGzip()`), or a pair (`new CompressionStream('gzip')`). */
export type BodyTransform =
  | Duplex
  | {
      readable: Readable | ReadableStream<Uint8Array>;
      writable: Writable | WritableStream<Uint8Array>;
    };

/** Pipes a stream into a transform and gives what comes out of it. An error or destruction of one destroys the other. */
export function connectAbove(source: Readable, transform: BodyTransform): Readable {
  const { readable, writable } = endsOf(transform);
  pipeline(source, writable, ignore);
  return readable;
}

/** Pipes what comes out of a transform into a stream and gives what is to be written to, likewise. */
export function connectBelow(transform: BodyTransform, destination: Writable): Writable {
  const { readable, writable } = endsOf(transform);
  pipeline(readable, destination, ignore);
  return writable;
}

function endsOf(transform: BodyTransform): { readable: Readable; writable: Writable } {
  const pair = isDuplex(transform) ? { readable: transform, writable: transform } : transform;
  const { readable, writable } = (pair ?? {}) as { readable?: unknown; writable?: unknown };
  if (!isReadSide(readable) || !isWriteSide(writable)) throw notATransform();
  return {
    readable: isWebReadable(readable) ? PipeReader.from(readable).asStream() : readable,
    writable: isWebWritable(writable) ? PipeWriter.from(writable).asStream() : writable,
  };
}

/** Streams that are no pair: `readable` and `writable` of theirs say whether they can be read and written. */
function isDuplex(transform: unknown): transform is Duplex {
  return isWritable(transform) || isReadable(transform);
}

function isReadSide(side: unknown): side is Readable | ReadableStream<Uint8Array> {
  return isWebReadable(side) || (isReadable(side) && side.readable);
}

function isWriteSide(side: unknown): side is Writable | WritableStream<Uint8Array> {
  return isWebWritable(side) || (isWritable(side) && side.writable);
}

/** Whoever reads or writes the body gets the error. */
function ignore(): void {}
