import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { compress, decompress, form, json, pipeBody } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from './hosts';

// Asks a server for what it leaves alone, in a process that NODE_DEBUG was set for.

const paths: Record<string, TestHandler> = {
  '/small': (_req, res) => void res.setHeader('Content-Type', 'text/plain').end('x'.repeat(812)),
  '/large': (_req, res) => void res.setHeader('Content-Type', 'text/plain').end('x'.repeat(2_000)),
  '/empty': (_req, res) => void res.setHeader('Content-Type', 'text/plain').end(),
  '/image': (_req, res) => void res.setHeader('Content-Type', 'image/png').end('x'),
  '/none': (_req, res) => void res.setHeader('Content-Type', 'text/plain').writeHead(204).end(),
  '/part': (_req, res) => void res.setHeader('Content-Type', 'text/plain').setHeader('Content-Range', 'x').end('x'),
  '/encoded': (_req, res) =>
    void res.setHeader('Content-Type', 'text/plain').setHeader('Content-Encoding', 'gzip').end('x'),
  '/final': (_req, res) =>
    void res.setHeader('Content-Type', 'text/plain').setHeader('Cache-Control', 'no-transform').end('x'),
};

const route: TestHandler = (req, res) => paths[req.url?.split('?')[0] ?? '']?.(req, res, () => {});
const exclude = ({ url }: IncomingMessage) => url?.startsWith('/secret');
const middleware = [pipeBody(), compress({ exclude, encodings: ['gzip'] }), decompress(), json(), form()];

async function ask({ port }: RunningServer, head: string, body = ''): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const [line, ...headers] = head.split('\n');
  const lines = [`${line} HTTP/1.1`, 'Host: a', 'Connection: close', ...headers, '', body];
  socket.end(lines.join('\r\n'), 'latin1');
  socket.resume();
  await once(socket, 'close');
}

async function run(): Promise<void> {
  paths['/secret'] = paths['/large'] as TestHandler;
  const server = await (hosts[0] as (typeof hosts)[0]).start(...(middleware as unknown as TestHandler[]), route);
  for (const path of Object.keys(paths)) await ask(server, `GET ${path}?token=secret\nAccept-Encoding: gzip`);
  await ask(server, 'GET /large\nAccept-Encoding: br');
  await ask(server, 'POST /small\nContent-Type: text/\x9b31m\nContent-Length: 1', 'x');
  await ask(server, 'POST /small\nContent-Type: application/json\nContent-Length: 2', '{}');
  await server.close();
}

void run();
