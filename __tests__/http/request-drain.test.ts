import http from 'node:http';
import { connect, type Socket } from 'node:net';
import connectFramework from 'connect';
import express5 from 'express';
import { json } from 'pipebody';
import { type Host, hosts, listen, type RunningServer, type TestHandler } from '../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

const withoutPipeBody: Host[] = [express5, connectFramework as never].map((framework, index) => ({
  name: `${['Express 5', 'connect'][index]} without pipeBody()`,
  start: (...handlers) => {
    const app = framework();
    for (const each of handlers) app.use(each as never);
    return listen(http.createServer(app));
  },
}));

const onError = ((error: { status: number }, _req: unknown, res: http.ServerResponse, _next: unknown) => {
  res.statusCode = error.status;
  res.end();
}) as unknown as TestHandler;

/** As a client without half-open connections would be told of it: that it cannot write any more. */
function open(port: number): { socket: Socket; failed: Promise<unknown>; received: () => string } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  const failed = new Promise((resolve) => socket.once('error', resolve));
  return { socket, failed, received: () => received };
}

const chunk = `400\r\n${'x'.repeat(0x400)}\r\n`;

// node:http destroys the socket behind such a response, and a client that is still writing is reset.
async function writeOn(port: number): Promise<unknown> {
  const { socket, failed, received } = open(port);
  const end = new Promise((resolve) => socket.once('end', resolve));
  const head = 'POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\n';
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`);
  await end;
  for (let count = 0; count < 5; count += 1) {
    socket.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const closed = new Promise((resolve) => socket.once('close', () => resolve(received())));
  socket.end('0\r\n\r\n');
  return Promise.race([closed, failed]);
}

describe('of a request that says Connection: close, the client may write on behind the answer', () => {
  test.each([...hosts, ...withoutPipeBody])('where json() refuses the body, on $name', async (host) => {
    server = await host.start(json({ limit: 100 }) as unknown as TestHandler, onError);

    expect(await writeOn(server.port)).toContain('HTTP/1.1 413 ');
  });

  test.each(hosts)('where nobody reads the body, on $name', async (host) => {
    server = await host.start((_req, res) => res.end('fine'));

    expect(await writeOn(server.port)).toContain('fine');
  });

  test.each(hosts)('where the body is read in part, on $name', async (host) => {
    server = await host.start(async (req, res) => {
      const { buffer } = await req.bodyReader.read();
      req.bodyReader.advanceTo(buffer.getPosition(10));
      res.end('fine');
    });

    expect(await writeOn(server.port)).toContain('fine');
  });
});
