import http from 'node:http';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import express5 from 'express';
import express4 from 'express4';
import { createServer, type PipeRequest, type PipeResponse, pipeBody } from 'pipebody';

/** A middleware as every host takes it, with the members of pipebody. */
export type TestHandler = (
  // biome-ignore lint/suspicious/noExplicitAny: a parsed body may be anything.
  req: PipeRequest & { body: any },
  res: PipeResponse,
  next: (error?: unknown) => void,
) => unknown;

/** A server that listens on a free port. */
export interface RunningServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** One of the ways in which an application comes by its bodies. */
export interface Host {
  readonly name: string;
  start(...handlers: TestHandler[]): Promise<RunningServer>;
}

// biome-ignore lint/suspicious/noExplicitAny: three frameworks with types of their own.
type AnyApplication = any;

const onError: (error: unknown, req: unknown, res: http.ServerResponse, next: unknown) => void = (error, _q, res, _n) =>
  answerError(error, res);

/** Errors are answered as JSON, so that a test can look at them. */
export function answerError(error: unknown, res: http.ServerResponse): void {
  const {
    status = 500,
    type,
    code,
    message,
  } = error as { status?: number; type?: string; code?: string; message: string };
  if (res.headersSent) {
    res.destroy();
    return;
  }
  res.statusCode = status;
  res.end(JSON.stringify({ type, code, message }));
}

/** An application with handlers, and errors answered as JSON. */
export function withHandlers(app: AnyApplication, handlers: TestHandler[]): AnyApplication {
  for (const handler of handlers) app.use(handler);
  app.use(onError);
  return app;
}

/** A listener of node:http that runs handlers one after the other. */
function asListener(handlers: TestHandler[]): http.RequestListener {
  return (req, res) => {
    const run = (index: number) => (error?: unknown) => {
      if (error !== undefined) answerError(error, res);
      else handlers[index]?.(req as never, res as never, run(index + 1));
    };
    run(0)();
  };
}

export const hosts: readonly Host[] = [
  {
    name: 'Express 5, createServer()',
    start: (...handlers) => listen(createServer(withHandlers(express5(), handlers))),
  },
  {
    name: 'Express 5, app.listen() and pipeBody()',
    start: (...handlers) =>
      listen(http.createServer(withHandlers(express5(), [pipeBody() as TestHandler, ...handlers]))),
  },
  {
    name: 'Express 4, createServer()',
    start: (...handlers) => listen(createServer(withHandlers(express4(), handlers))),
  },
  {
    name: 'Express 4, app.listen() and pipeBody()',
    start: (...handlers) =>
      listen(http.createServer(withHandlers(express4(), [pipeBody() as TestHandler, ...handlers]))),
  },
  {
    name: 'node:http, createServer()',
    start: (...handlers) => listen(createServer(asListener(handlers))),
  },
  {
    name: 'node:http and pipeBody()',
    start: (...handlers) => listen(http.createServer(asListener([pipeBody() as TestHandler, ...handlers]))),
  },
  {
    name: 'connect and pipeBody()',
    start: (...handlers) =>
      listen(http.createServer(withHandlers(connect(), [pipeBody() as TestHandler, ...handlers]))),
  },
];

/** Starts a server on a free port of the loopback interface. */
export async function listen(server: http.Server): Promise<RunningServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
