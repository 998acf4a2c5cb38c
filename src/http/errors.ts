import createError from 'http-errors';
import { InvalidOperationError } from '../buffers/invalid-operation-error';

/** The sentences of this layer. `type` and the facts are those of body-parser, so that error handlers go on working. */

export const requestAborted = (received: number, expected: number | undefined) =>
  createError(400, `The client went away after ${received} bytes of the body${ofExpected(expected)}.`, {
    type: 'request.aborted',
    code: 'ECONNABORTED',
    received,
    expected,
    length: expected,
  });

function ofExpected(expected: number | undefined): string {
  return expected === undefined ? '' : ` of ${expected}`;
}

export const sizeInvalid = (expected: number, received: number) =>
  createError(400, `The body has ${received} bytes, its Content-Length says ${expected}.`, {
    type: 'request.size.invalid',
    expected,
    length: expected,
    received,
  });

export const bodyDiscarded = () =>
  createError(500, 'The rest of the body was thrown away when the response was finished; read it before you answer.', {
    type: 'request.discarded',
    expose: false,
  });

export const tooManyBytes = (byteCount: number, declared: number) =>
  Object.assign(
    new Error(
      `The response declares a Content-Length of ${declared} bytes, and ${byteCount} were written; ` +
        'set the right length, or none.',
    ),
    { code: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH', expected: declared, received: byteCount },
  );

export const responseStarted = () =>
  new InvalidOperationError(
    'ERR_PIPE_RESPONSE_STARTED',
    'The response has started, its headers are sent; register starting callbacks before the first write.',
  );

export const isTooManyBytes = (error: unknown) =>
  (error as { code?: string } | null)?.code === 'ERR_HTTP_CONTENT_LENGTH_MISMATCH';

export const writeAfterEnd = () => Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' });

export const responseStarting = () =>
  new InvalidOperationError(
    'ERR_PIPE_RESPONSE_STARTING',
    'A starting callback cannot wait for the start that it is part of; only set headers, or swap the body, in it.',
  );

export const notATransform = () =>
  new TypeError(
    'pipeBodyThrough() takes a Duplex that can be read and written, or a pair of streams { readable, writable }.',
  );

export const bodyTooLarge = (limit: number, received: number) =>
  createError(413, `The body is longer than ${limit} bytes, which "maxRequestBodySize" of pipeBody() allows.`, {
    type: 'entity.too.large',
    limit,
    received,
  });

export const requestTimeout = (received: number, waitedMs: number, bytesPerSecond: number) =>
  createError(
    408,
    `The body comes too slowly: ${received} bytes in ${waitedMs} ms of waiting, at least ${bytesPerSecond} bytes a ` +
      'second are asked for.',
    { type: 'request.timeout', received },
  );

export const notBuffered = () =>
  new InvalidOperationError(
    'ERR_PIPE_NOT_BUFFERED',
    'rewindBody() needs a body that was kept: call enableBuffering() before the body is read.',
  );

export const bufferLimitExceeded = (limit: number, received: number) =>
  createError(413, `The body is longer than ${limit} bytes, which "limit" of enableBuffering() allows.`, {
    type: 'entity.too.large',
    limit,
    received,
  });

export const noCallback = (kind: 'starting' | 'completed') => new TypeError(`A ${kind} callback must be a function.`);

export const notDisposable = () =>
  new TypeError(
    'What is registered for disposal needs [Symbol.asyncDispose], [Symbol.dispose], dispose() or destroy().',
  );

export const notAReader = () =>
  new TypeError('bodyReader takes a PipeReader; PipeReader.from() makes one of a stream or of bytes.');

export const notAWriter = () =>
  new TypeError('bodyWriter takes a PipeWriter; PipeWriter.from() makes one of a stream.');
