import { type Duplex, pipeline, type Readable, type Writable } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { PipeReader } from '../pipelines/pipe-reader';
import { PipeWriter } from '../pipelines/pipe-writer';
import { isWebReadable } from '../streams/reader-from';
import { isWebWritable, isWritable } from '../streams/writer-from';
import { notATransform } from './errors';

/** What a body can be piped through: a Duplex (`zlib.createGzip()`), or a web pair (`new CompressionStream('gzip')`). */
export type BodyTransform = Duplex | { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> };

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
  if (isWritable(transform) && typeof (transform as Duplex).pipe === 'function') {
    return { readable: transform as Duplex, writable: transform as Duplex };
  }
  const { readable, writable } = (transform ?? {}) as { readable?: unknown; writable?: unknown };
  if (!isWebReadable(readable) || !isWebWritable(writable)) throw notATransform();
  return {
    readable: PipeReader.from(readable).asStream(),
    writable: PipeWriter.from(writable).asStream(),
  };
}

/** Whoever reads or writes the body gets the error. */
function ignore(): void {}
