import type { IncomingMessage, ServerResponse } from 'node:http';

/** Goes on with the next middleware, or with an error to the error handlers. */
// biome-ignore lint/suspicious/noExplicitAny: as in Express and connect, whose users read its status without asking.
export type NextFunction = (error?: any) => void;

/** What a middleware is called with. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly next: NextFunction;
}

/** A middleware: Express 5 and 4, connect, the `router` package, and a listener of node:http that brings `next`. */
export type Handler = (request: IncomingMessage, response: ServerResponse, next: NextFunction) => void;
