import { InvalidOperationError } from '../buffers/invalid-operation-error';
import { AbortError } from '../pipelines/abort-error';

/** The sentences of this layer. Each code has a heading in docs/errors.md. */

/** A source that closed before its end. Not a mistake of the program, but as final as one. */
export const prematureClose = () =>
  Object.assign(new Error('The source was closed before its end; what was read so far is not all of it.'), {
    code: 'ERR_PIPE_PREMATURE_CLOSE',
  });

/** A stream view was destroyed without an error before it was ended: the other side must not take it for the end. */
export const viewDestroyed = () =>
  Object.assign(new Error('The stream was destroyed before it was ended; what was written so far is not all of it.'), {
    code: 'ERR_PIPE_PREMATURE_CLOSE',
  });

/** No failure: who reads has enough. A web stream has no other word for it. */
export const readByNobody = () =>
  new AbortError(undefined, 'Nobody reads any more what is written to this stream; stop writing.');

export const unreadableSource = () =>
  new TypeError(
    'A pipe reader is made from a Readable, a web ReadableStream, an async iterable, bytes or a ReadOnlySequence.',
  );

export const unwritableDestination = () =>
  new TypeError('A pipe writer is made from a Writable or a web WritableStream.');

export const chunkIsNotBytes = (chunk: unknown) =>
  new InvalidOperationError(
    'ERR_PIPE_NOT_BYTES',
    `The source gave a chunk of type ${typeof chunk}; a pipe carries bytes, so give it a Uint8Array or a string.`,
  );

export const failedWithoutReason = () => new Error('The source failed without a reason.');

export const tempFileCutOff = (path: string) => new Error(`The temporary file ${path} was cut off by somebody.`);
