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

/** What is wrong with a signal that a call got: it is none, or aborted already. */
export function signalFault(signal: AbortSignal | undefined): Error | undefined {
  if (signal === undefined) return undefined;
  if (typeof signal?.addEventListener !== 'function') return new TypeError('"signal" must be an AbortSignal.');
  return signal.aborted ? new AbortError(signal.reason) : undefined;
}

/** Throws {@link signalFault}. */
export function checkSignal(signal: AbortSignal | undefined): void {
  const fault = signalFault(signal);
  if (fault !== undefined) throw fault;
}
