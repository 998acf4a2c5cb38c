import { connect, type Socket } from 'node:net';
import compression from 'compression';
import express, { type RequestHandler } from 'express';
import { compress } from 'pipebody';
import { type ServerScenario, type ServerVariant, type Usage, withServer } from '../http/http-scenario';
import type { Child } from '../runner/child';
import type { Metric, Sample } from '../runner/scenario';
import { noise } from './samples';

const name = '500 clients that stop reading';
const clients = 500;
const metrics: readonly Metric[] = [{ name: 'KiB/connection', better: 'less', digits: 0 }];

/** Writes until it is asked to wait, for as long as the client is there. */
const answer: RequestHandler = (_req, res) => {
  res.type('text/plain');
  const write = (): void => {
    while (!res.destroyed && res.write(noise));
    if (!res.destroyed) res.once('drain', write);
  };
  write();
};

const start = (...middleware: RequestHandler[]) =>
  express()
    .use(...middleware, answer)
    .listen(0, '127.0.0.1', clients);

const variants: readonly ServerVariant[] = [
  { name: 'not compressed', start: () => start((_req, _res, next) => next()) },
  { name: 'compression', start: () => start(compression()) },
  { name: 'compress', start: () => start(compress() as RequestHandler) },
];

async function measure(server: Child, port: number): Promise<Sample> {
  await server.ask('begin');
  const sockets = await Promise.all(Array.from({ length: clients }, () => openAndStop(port)));
  // Until the kernel's buffers are full, and every stream waits.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const { rssOverIdleBytes } = await server.ask<Usage>('end');
  for (const socket of sockets) socket.destroy();
  return { 'KiB/connection': rssOverIdleBytes / 1_024 / clients };
}

/** Asks, and reads nothing. */
function openAndStop(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.pause();
      socket.write('GET / HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip\r\n\r\n', () => resolve(socket));
    });
    socket.once('error', reject);
  });
}

/** What a client costs that does not read on. */
export const slowClients: ServerScenario = {
  suite: 'compress',
  name,
  metrics,
  variants,
  compare: [{ ours: 'compress', rival: 'compression' }],
  open: async () => ({
    measure: (variant) => withServer(__filename, name, variant, measure),
    close: () => {},
  }),
};
