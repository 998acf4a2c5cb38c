import type { SequencePosition } from '../buffers/sequence-position';
import { AbortError } from '../pipelines/abort-error';
import { readerCompletedCode } from '../pipelines/errors';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult, WaitOptions } from '../pipelines/results';

/** The next read of a loop over a reader, which an aborted signal and `cancelPendingRead()` end with an `AbortError`. */
export async function nextRead(reader: PipeReader, { signal }: WaitOptions): Promise<ReadResult> {
  if (signal?.aborted) throw new AbortError(signal.reason);
  const result = reader.tryRead() ?? (await reader.read(signal && { signal }));
  if (!result.isCanceled) return result;
  reader.advanceTo(result.buffer.start);
  throw new AbortError(undefined, 'The reading was cancelled by cancelPendingRead().');
}

/** Answers the read of a loop that is left: whoever left it may have completed the reader. */
export function answerLast(reader: PipeReader, consumed: SequencePosition): void {
  try {
    reader.advanceTo(consumed);
  } catch (error) {
    if ((error as { code?: string }).code !== readerCompletedCode) throw error;
  }
}
