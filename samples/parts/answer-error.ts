import type { NextFunction, Request, Response } from 'express';

/** Answers an error as JSON: its status, type and message, and the facts that it carries. */
export function answerError(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  const { status = 500, type, message, expose, limit } = error as Failure;
  if (res.headersSent) {
    next(error);
    return;
  }
  if (status >= 500) console.error(error);
  res.status(status).json({ status, type, message: expose === true ? message : 'The server failed.', limit });
}

interface Failure {
  readonly status?: number;
  readonly type?: string;
  readonly message: string;
  readonly expose?: boolean;
  readonly limit?: number;
}
