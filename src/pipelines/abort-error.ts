/** A wait that an `AbortSignal`, or a cancelled copy, ended. `cause` is the signal's reason. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';

  constructor(cause?: unknown, message = 'The operation was aborted.') {
    super(message, { cause });
  }
}
