import { readdirSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import express from 'express';
import { compress, createServer, messageClasses, pipeBody } from 'pipebody';
import { answerFailure, type Route, routeAnswers, routeForms, routeParsers, routeReaders } from './fault-routes';
import type { Report } from './fault-server';
import { echoTunnels } from './fault-tunnels';
import { LongestTurn } from './longest-turn';
import { collectGarbage } from './mixed-requests';
import { cert, key } from './self-signed';

// The application under test, in a process of its own: node -r esbuild-register fault-application.ts <host> <folder>
// [upgrades]. No handler of the process for errors, rejections or warnings: whatever gets out of a promise ends it, and
// whatever Node warns of is on its stderr.

const [host = 'createServer()', folder = '', upgrades] = process.argv.slice(2);

let handled = 0;
let running = 0;
let cpuAtMark = process.cpuUsage();
const turn = new LongestTurn();

const app = express();
app.disable('x-powered-by');
if (host.startsWith('app.listen()')) app.use(pipeBody() as express.RequestHandler);
app.use('/compressed', compress() as express.RequestHandler);

const route: Route = (path, before, answer) => {
  app.post(path, ...(before as express.RequestHandler[]), async (req, res) => {
    handled += 1;
    running += 1;
    try {
      await answer(req as never, res as never);
    } finally {
      running -= 1;
    }
  });
};
routeParsers(route);
routeForms(route, folder);
routeReaders(route);
routeAnswers(app, route);
routeAnswers(app, route, '/compressed');
app.use(((error, _req, res, _next) => answerFailure(error, res)) as express.ErrorRequestHandler);

/** What cannot be seen from outside. */
async function report(): Promise<Report> {
  const { user, system } = process.cpuUsage(cpuAtMark);
  return {
    handled,
    running,
    cpuMs: (user + system) / 1_000,
    longestTurnMs: turn.stop(),
    heapBytes: process.memoryUsage().heapUsed,
    socketListeners: Math.max(0, ...[...sockets].map(listenersOf)),
    connections: await new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    polluted: [...Object.keys(Object.prototype), ...Object.keys(Array.prototype), ...Object.keys(Function.prototype)],
    files: folder === '' ? [] : readableNames(folder),
  };
}

const listenersOf = (socket: Socket) =>
  socket.eventNames().reduce((count, name) => count + socket.listenerCount(name), 0);

function readableNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function makeServer(): http.Server {
  if (host === 'createServer()') return createServer(app);
  if (host.startsWith('https'))
    return https.createServer({ key, cert, ...messageClasses(app) }, app as RequestListener);
  return http.createServer(app);
}

const server = makeServer();
const sockets = new Set<Socket>();
server.on('connection', (socket: Socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});
if (upgrades !== undefined) echoTunnels(server);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on('disconnect', () => process.exit(0));
process.on('message', async (question) => {
  if (question === 'collect') await collectGarbage();
  process.send?.(await report());
  if (question === 'mark') cpuAtMark = process.cpuUsage();
  // It keeps a core busy, so that CPU time says nothing meanwhile.
  if (question === 'watch turns') turn.start();
});
