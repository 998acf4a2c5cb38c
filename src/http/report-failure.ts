/** Where nobody is left to be told of an error, it must at least be seen. */
export function reportFailure(what: string, error: unknown): void {
  const { stack = String(error) } = (error ?? {}) as { stack?: string };
  process.emitWarning(`${what} ${stack}`, 'PipebodyWarning');
}
