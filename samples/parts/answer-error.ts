import type { NextFunction, Request, Response } from 'express';

/** Answers an error as JSON: its status, type and message, and the facts that it carries. */
export function answerError(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  const { status = 500, type, message, expose, limit, line } = error as Failure;
  // Nobody is there to read it.
  if (res.destroyed) return;
  if (res.headersSent) {
    next(error);
    return;
  }
  if (expose === true) {
    res.status(status).json({ status, type, message, limit, line });
    return;
  }
  console.error(error);
  res.status(status).json({ status, message: 'The server failed.' });
}

interface Failure {
  readonly status?: number;
  readonly type?: string;
  readonly message: string;
  readonly expose?: boolean;
  readonly limit?: number;
  readonly line?: number;
}
