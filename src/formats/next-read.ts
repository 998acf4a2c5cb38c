import type { SequencePosition } from '../buffers/sequence-position';
import { AbortError } from '../pipelines/abort-error';
import { readCanceled, readerCompletedCode } from '../pipelines/errors';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult, WaitOptions } from '../pipelines/results';

/** The next read of a loop over a reader, which an aborted signal and `cancelPendingRead()` end with an `AbortError`. */
export async function nextRead(reader: PipeReader, { signal }: WaitOptions): Promise<ReadResult> {
  if (signal?.aborted) throw new AbortError(signal.reason);
  const result = reader.tryRead() ?? (await reader.read(signal && { signal }));
  if (!result.isCanceled) return result;
  reader.advanceTo(result.buffer.start);
  throw readCanceled('reading');
}

/** What an answer meets whose reader was completed meanwhile: no memory, or no reader. */
const goneCodes = ['ERR_PIPE_BUFFER_RELEASED', readerCompletedCode];

/** Answers a read up to a position that is yet to be found. Whoever left the loop may have completed the reader. */
export function answerLast(reader: PipeReader, findConsumed: () => SequencePosition): void {
  try {
    reader.advanceTo(findConsumed());
  } catch (error) {
    if (!goneCodes.includes((error as { code?: string }).code ?? '')) throw error;
  }
}
