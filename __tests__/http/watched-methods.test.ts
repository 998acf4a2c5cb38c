import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import { compress, pipeBody, type WriteMessage } from 'pipebody';
import { ChannelRecorder } from '../support/channel-recorder';
import { hosts, listen, type RunningServer, type TestHandler } from '../support/hosts';
import { RawClient } from '../support/raw-client';

const secret = 'T0P-SECRET';
const text = secret.repeat(300);
const whole = ['start', 'end', 'asyncStart', 'asyncEnd'];

let server: RunningServer;
let recorder: ChannelRecorder;
beforeEach(() => {
  recorder = new ChannelRecorder('write');
});
afterEach(async () => {
  recorder.stop();
  await server.close();
});

describe.each(hosts)('tracing:pipebody.write on $name', (host) => {
  test.each<[string, TestHandler]>([
    ['res.end()', (_req, res) => res.end(text)],
    ['res.end() with a Content-Length', (_req, res) => res.setHeader('Content-Length', text.length).end(text)],
    ['res.writeHead() and res.end()', (_req, res) => res.writeHead(200, { 'X-A': 'b' }).end(text)],
    [
      'res.flushHeaders() and res.end()',
      (_req, res) => {
        res.flushHeaders();
        res.end(text);
      },
    ],
    [
      'res.write()',
      (_req, res) => {
        for (const character of text) res.write(character);
        res.end();
      },
    ],
    [
      'res.bodyWriter',
      async (_req, res) => {
        await res.bodyWriter.write(text);
        await res.bodyWriter.complete();
      },
    ],
    [
      'a late starting callback',
      (_req, res) => {
        res.onStarting(() => new Promise(setImmediate));
        res.end(text);
      },
    ],
  ])('counts the bytes of %s, and tells nothing of them', async (_way, handler) => {
    server = await host.start(handler);

    expect(await (await fetch(server.url)).text()).toBe(text);

    const [message] = await recorder.ended<WriteMessage>(1);
    expect(recorder.events).toEqual(whole);
    expect({ ...message }).toEqual({ bytes: text.length, error: undefined });
    expect([message?.request.method, message?.response.statusCode]).toEqual(['GET', 200]);
    expect(recorder.recorded.map(({ printed }) => printed).join()).not.toContain(secret);
  });

  test('counts what leaves, where a body is encoded', async () => {
    server = await host.start(compress() as unknown as TestHandler, (_req, res) => {
      res.setHeader('Content-Type', 'text/plain').end(text);
    });
    const client = await RawClient.connect(server.port);
    await client.send('GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n');

    const [body = ''] = await client.responses(1);
    const [message] = await recorder.ended<WriteMessage>(1);
    expect(zlib.gunzipSync(Buffer.from(body, 'latin1')).toString()).toBe(text);
    expect(message?.bytes).toBe(body.length);
  });

  test('counts no body of a HEAD request', async () => {
    server = await host.start((_req, res) => res.end(text));

    await fetch(server.url, { method: 'HEAD' });

    expect((await recorder.ended<WriteMessage>(1))[0]?.bytes).toBe(0);
  });

  test('tells of a response that was cut off', async () => {
    server = await host.start((_req, res) => {
      res.write(secret, () => res.destroy());
    });

    await fetch(server.url)
      .then((response) => response.text(), String)
      .catch(String);

    const [message] = await recorder.ended<WriteMessage>(1);
    expect(recorder.events).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect({ ...message }).toEqual({
      bytes: secret.length,
      error: { name: 'Error', code: 'ERR_STREAM_PREMATURE_CLOSE' },
    });
  });

  test('tells of each response of a connection', async () => {
    server = await host.start((_req, res) => res.end(secret));
    const client = await RawClient.connect(server.port);
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
    await client.responses(3);

    const messages = await recorder.ended<WriteMessage>(3);
    expect(messages.map(({ bytes }) => bytes)).toEqual([secret.length, secret.length, secret.length]);
  });
});

test('HTTP/2 is told of, too', async () => {
  const own = http2.createServer((req, res) => {
    pipeBody()(req as never, res as never, () => res.end(text));
  });
  server = await listen(Object.assign(own, { closeAllConnections: () => {} }) as never);
  const session = http2.connect(`http://127.0.0.1:${(own.address() as AddressInfo).port}`);
  const stream = session.request({ ':path': '/' }).resume();
  await once(stream, 'end');
  session.close();

  const [message] = await recorder.ended<WriteMessage>(1);
  expect({ ...message }).toEqual({ bytes: text.length, error: undefined });
});
