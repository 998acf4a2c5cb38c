import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type PipeRequest } from 'pipebody';
import { listen, type RunningServer } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';
import { readAll } from '../support/read-all';

let server: RunningServer;
afterEach(() => server.close());

const expecting = (length: number) => postHead(length, 'Expect: 100-continue\r\nConnection: close');

describe('a client of createServer() that asks whether to send its body', () => {
  test('is told to when the body is read', async () => {
    server = await listen(
      createServer(async (req: IncomingMessage, res: ServerResponse) => {
        res.end(await readAll((req as PipeRequest).bodyReader));
      }),
    );
    const client = await RawClient.connect(server.port);

    await client.send(expecting(5));
    expect(await client.until((received) => received.includes('\r\n\r\n'))).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    await client.send('hello');

    expect(String(await client.closed())).toContain('hello');
  });

  test('is not told to once the answer has begun', async () => {
    server = await listen(
      createServer(async (req: IncomingMessage, res: ServerResponse) => {
        res.write('no ');
        const body = readAll((req as PipeRequest).bodyReader);
        res.end(await body);
      }),
    );
    const client = await RawClient.connect(server.port);

    await client.send(`${expecting(5)}hello`);

    expect(String(await client.closed())).not.toContain('100 Continue');
  });

  test("is answered by a listener for 'checkContinue' that a user adds, and by nobody else", async () => {
    let asked = 0;
    const own = createServer((_req: IncomingMessage, res: ServerResponse) => {
      asked += 1;
      res.end();
    });
    own.on('checkContinue', (_req, res) => res.writeHead(417, { 'Content-Length': 0 }).end());
    server = await listen(own);
    const client = await RawClient.connect(server.port);

    await client.send(expecting(5));

    expect(String(await client.closed())).toMatch(/^HTTP\/1.1 417 /);
    expect(asked).toBe(0);
  });
});
