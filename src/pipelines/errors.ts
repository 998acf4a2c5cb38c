import { InvalidOperationError } from '../buffers/invalid-operation-error';
import { AbortError } from './abort-error';

/** The sentences of this layer. Each code has a heading in docs/errors.md. */

export const readInProgress = () =>
  new InvalidOperationError(
    'ERR_PIPE_READ_IN_PROGRESS',
    'Reading is already in progress; await the pending read() and answer it with advanceTo() before you read again.',
  );

export const noReadInProgress = () =>
  new InvalidOperationError(
    'ERR_PIPE_NO_READ',
    'No read is in progress; advanceTo() answers one read() or tryRead() result, once.',
  );

export const readerCompletedCode = 'ERR_PIPE_READER_COMPLETED';

export const readerCompleted = () =>
  new InvalidOperationError(readerCompletedCode, 'This reader was completed; nothing can be read from it.');

export const writerCompleted = () =>
  new InvalidOperationError('ERR_PIPE_WRITER_COMPLETED', 'This writer was completed; nothing can be written to it.');

export const flushInProgress = () =>
  new InvalidOperationError(
    'ERR_PIPE_FLUSH_IN_PROGRESS',
    'A flush is already in progress; await the pending flush() or write() before you write again.',
  );

export const notCompleted = () =>
  new InvalidOperationError(
    'ERR_PIPE_NOT_COMPLETED',
    'Only a pipe whose reader and writer are both completed can be reset; call complete() on both first.',
  );

export const positionReleased = () =>
  new InvalidOperationError(
    'ERR_PIPE_POSITION_RELEASED',
    'This position lies in bytes that were consumed before; take positions from the buffer of the current read.',
  );

export const examinedBeforeConsumed = (consumed: number, examined: number) =>
  new InvalidOperationError(
    'ERR_PIPE_POSITION_REVERSED',
    `"examined" (offset ${examined}) lies before "consumed" (offset ${consumed}); what is consumed was examined too.`,
  );

export const adaptersMissing = () =>
  new InvalidOperationError(
    'ERR_PIPE_NO_STREAMS',
    "The stream members are provided by 'pipebody' and 'pipebody/pipelines'; import one of them.",
  );

export const thresholdOrder = (pause: number, resume: number) =>
  new RangeError(
    `"resumeWriterThreshold" (${resume} bytes) must not be above "pauseWriterThreshold" (${pause} bytes).`,
  );

export const notAPool = () =>
  new TypeError('"pool" must be a MemoryPool, with the methods rent(minimumLength) and return(memory).');

export const blockTooShort = (length: number, minimumLength: number) =>
  new RangeError(
    `The pool lent ${length} bytes where ${minimumLength} were asked for; rent() must give at least those.`,
  );

/** For what has no result that could say `isCanceled`: a loop, a copy, a stream. */
export const readCanceled = (what: string) =>
  new AbortError(undefined, `The ${what} was cancelled by cancelPendingRead().`);

export const copyCanceled = () =>
  new AbortError(undefined, 'The copy was cancelled by cancelPendingRead() or cancelPendingFlush().');

export const flushCanceled = (what: string) =>
  new AbortError(undefined, `The ${what} was cancelled by cancelPendingFlush().`);
