import http from 'node:http';
import type { Socket } from 'node:net';
import express, { type RequestHandler } from 'express';
import { createServer, type PipeRequest, type PipeResponse, pipeBody } from 'pipebody';
import { answerMixed, collectGarbage, kindNames, sendMixed } from '../../support/mixed-requests';
import type { Metric, Sample } from '../runner/scenario';
import type { Settings } from '../runner/settings';
import { type ServerScenario, type ServerVariant, withServer } from './http-scenario';

const name = 'mixed';
const requestsAtFullScale = 20_000;
const roundsToWarmUp = 100;
const connections = 16;

const served = 'createServer';
const hung = 'app.listen + pipeBody';
const growth = 'heap growth MiB';
const added = 'listeners added to a socket';

const metrics: readonly Metric[] = [
  { name: growth, better: 'less', digits: 2 },
  { name: added, better: 'less', digits: 0 },
];

/** What a server's process holds once garbage is collected. */
interface Holding {
  readonly heapUsed: number;
  /** Of the socket that has most. */
  readonly listeners: number;
}

const variants: readonly ServerVariant[] = [
  { name: served, start: () => watched(createServer(express().use(answer)).listen(0, '127.0.0.1')) },
  { name: hung, start: () => watched(express().use(pipeBody(), answer).listen(0, '127.0.0.1')) },
];

const sockets = new Set<Socket>();

function watched(server: http.Server): http.Server {
  return server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

/** A GET asks what the process holds. */
const answer: RequestHandler = async (req, res) => {
  if (req.method === 'GET') res.json(await holding(req.socket));
  else await answerMixed(req as unknown as PipeRequest, res as unknown as PipeResponse);
};

/** The socket of whoever asks is busy, and has the listeners of a request. */
async function holding(busy: Socket): Promise<Holding> {
  await collectGarbage();
  const counts = [...sockets].filter((socket) => socket !== busy).map(countListeners);
  return { heapUsed: process.memoryUsage().heapUsed, listeners: Math.max(0, ...counts) };
}

function countListeners(socket: Socket): number {
  return socket.eventNames().reduce((sum, event) => sum + socket.listenerCount(event), 0);
}

async function measure(port: number, { scale }: Settings): Promise<Sample> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  try {
    await sendMixed(port, agent, roundsToWarmUp);
    const before = await ask(port);
    await sendMixed(port, agent, Math.ceil((requestsAtFullScale * scale) / kindNames.length));
    const after = await ask(port);
    return {
      [growth]: (after.heapUsed - before.heapUsed) / 2 ** 20,
      [added]: after.listeners - before.listeners,
    };
  } finally {
    agent.destroy();
  }
}

async function ask(port: number): Promise<Holding> {
  return (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as Holding;
}

/** Requests of all kinds, over connections that stay: what they leave behind. */
export const mixed: ServerScenario = {
  suite: 'http',
  name,
  metrics,
  variants,
  compare: [],
  bounds: [
    { variant: served, metric: growth, atMost: 6 },
    { variant: served, metric: added, atMost: 0 },
    { variant: hung, metric: growth, atMost: 6 },
    { variant: hung, metric: added, atMost: 0 },
  ],
  open: async (settings) => ({
    measure: (variant) => withServer(__filename, name, variant, (_server, port) => measure(port, settings)),
    close: () => {},
  }),
};
