/**
 * A call that the state of a pipe, a sequence or a body does not allow: a mistake in the calling program.
 *
 * `code` is stable (`ERR_PIPE_…`); each has a heading in `docs/errors.md`. As InvalidOperationException in .NET.
 */
export class InvalidOperationError extends Error {
  /** Always `'InvalidOperationError'`. */
  override readonly name = 'InvalidOperationError';

  constructor(
    /** Which mistake it was: `ERR_PIPE_…`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
