/** A wait that an `AbortSignal`, or a cancelled copy, ended. `cause` is the signal's reason. */
export class AbortError extends Error {
  /** Always `'AbortError'`, as of Node's own. */
  override readonly name = 'AbortError';
  /** Always `'ABORT_ERR'`, as of Node's own. */
  readonly code = 'ABORT_ERR';

  constructor(cause?: unknown, message = 'The operation was aborted.') {
    super(message, { cause });
  }
}
