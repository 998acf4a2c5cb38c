import http from 'node:http';
import zlib from 'node:zlib';
import bodyParserOfNpm from 'body-parser';
import connect from 'connect';
import express5 from 'express';
import express4 from 'express4';
import multer from 'multer';
import { decompress, json, lines, readLines, text } from 'pipebody';
import { type Host, hosts, listen, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

const handler = (middleware: unknown) => middleware as TestHandler;

const answer: TestHandler = (req, res) => {
  const { 'content-encoding': encoding, 'content-length': length } = req.headers;
  res.end(JSON.stringify({ body: req.body, encoding, length }));
};

const post = (body: Buffer, headers: Record<string, string>) =>
  fetch(server.url, { method: 'POST', body, headers: { 'Content-Encoding': 'gzip', ...headers } });

const asJson = { 'Content-Type': 'application/json' };

/** Also where no pipeBody() came before. */
describe.each(hosts)('decompress() on $name', (host) => {
  test.each([
    ['json() of body-parser', bodyParserOfNpm.json()],
    ['json()', json()],
  ])('lets %s read a body as if it had come plain', async (_name, parser) => {
    server = await host.start(handler(decompress()), handler(parser), answer);

    const response = await post(zlib.gzipSync('{"a":1}'), asJson);

    expect(await response.json()).toEqual({ body: { a: 1 } });
  });

  test('lets lines() read a body wherever it is cut', async () => {
    server = await host.start(handler(decompress()), handler(lines()), answer);
    const body = zlib.gzipSync('one\ntwo\n');
    const client = await RawClient.connect(server.port);

    for (let cut = 1; cut < body.length; cut += 1) {
      await client.send(postHead(body.length, 'Content-Type: text/plain\r\nContent-Encoding: gzip'));
      await client.send(body.subarray(0, cut));
      await new Promise(setImmediate);
      await client.send(body.subarray(cut));
      expect(JSON.parse((await client.responses(cut))[cut - 1] ?? '')).toEqual({ body: ['one', 'two'] });
    }
  });

  test('answers 415 with Accept-Encoding for what it cannot decode', async () => {
    server = await host.start(handler(decompress()), answer);

    const response = await post(Buffer.from('x'), { 'Content-Encoding': 'compress' });

    expect(response.status).toBe(415);
    expect(response.headers.get('accept-encoding')).toMatch(/^gzip, deflate/);
  });

  test('leaves a body without codings alone', async () => {
    server = await host.start(handler(decompress()), handler(json()), answer);

    const response = await post(Buffer.from('{"a":1}'), { ...asJson, 'Content-Encoding': 'identity' });

    expect(await response.json()).toEqual({ body: { a: 1 }, encoding: 'identity', length: '7' });
  });

  test.each(['gzip', 'compress'])('leaves a request without a body alone that names the coding %s', async (coding) => {
    server = await host.start(handler(decompress()), answer);

    const response = await fetch(server.url, { headers: { 'Content-Encoding': coding } });

    expect(await response.json()).toEqual({ encoding: coding });
  });

  test('tells whoever reads of a bomb, a cut off and a corrupt body, and the connection goes on', async () => {
    server = await host.start(handler(decompress({ limit: 100 })), handler(text()), answer);
    const client = await RawClient.connect(server.port);
    const bodies = [zlib.gzipSync(Buffer.alloc(1_000_000)), zlib.gzipSync('abc').subarray(0, 20), Buffer.from('abc')];

    for (const body of [...bodies, zlib.gzipSync('fine')]) {
      await client.send(postHead(body.length, 'Content-Type: text/plain\r\nContent-Encoding: gzip'));
      await client.send(body);
    }

    const answers = (await client.responses(4)).map((body) => JSON.parse(body));
    const decodeFailed = { type: 'entity.decode.failed' };
    expect(answers).toMatchObject([{ type: 'entity.too.large' }, decodeFailed, decodeFailed, { body: 'fine' }]);
  });

  test('lets a body that came whole be read after the client went away', async () => {
    let read: Promise<string[]> | undefined;
    const called = new Promise<void>((resolve) => {
      const readLater: TestHandler = (req, res) => {
        read = (async () => {
          await new Promise((closed) => res.once('close', closed));
          const received: string[] = [];
          for await (const line of readLines(req.bodyReader)) received.push(line);
          return received;
        })();
        read.catch(() => {});
        resolve();
      };
      void host.start(handler(decompress()), readLater).then(async (started) => {
        server = started;
        const body = zlib.gzipSync('one\ntwo');
        const client = await RawClient.connect(server.port);
        await client.send(Buffer.concat([Buffer.from(postHead(body.length, 'Content-Encoding: gzip')), body]));
        await called;
        client.reset();
      });
    });

    await called;
    expect(await read).toEqual(['one', 'two']);
  });

  test('gives the client that goes away half way a 400', async () => {
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<unknown>((resolve) => {
      fail = resolve;
    });
    server = await host.start(handler(decompress()), (req, res, next) =>
      handler(text())(req, res, (error) => (error ? fail(error) : next())),
    );
    const client = await RawClient.connect(server.port);

    await client.send(postHead(100, 'Content-Type: text/plain\r\nContent-Encoding: gzip'));
    await client.send(zlib.gzipSync('abc').subarray(0, 15));
    client.reset();

    expect(await failed).toMatchObject({ status: 400, type: 'request.aborted' });
  });
});

describe('decompress()', () => {
  const withoutPipeBody: Host[] = [express5, express4 as never, connect as never].map((framework, index) => ({
    name: ['Express 5', 'Express 4', 'connect'][index] as string,
    start: (...handlers) => {
      const app = framework();
      for (const each of handlers) app.use(each as never);
      return listen(http.createServer(app));
    },
  }));

  test.each([...hosts, ...withoutPipeBody])('lets multer read an encoded upload on $name', async (host) => {
    server = await host.start(handler(decompress()), handler(multer().single('file')), (req, res) => {
      const { file } = req as unknown as { file: { buffer: Buffer } };
      res.end(JSON.stringify({ size: file.buffer.length, name: req.body.name }));
    });
    const form = new FormData();
    form.set('name', 'Ada');
    form.set('file', new Blob([Buffer.alloc(300_000, 'ab')]), 'a.txt');
    const encoded = new Response(form);
    const body = zlib.gzipSync(Buffer.from(await encoded.arrayBuffer()));

    const response = await post(body, { 'Content-Type': encoded.headers.get('content-type') ?? '' });

    expect(await response.json()).toEqual({ size: 300_000, name: 'Ada' });
  });

  describe.each(withoutPipeBody)('on $name without pipeBody()', (host) => {
    test.each([
      ['gzip', zlib.gzipSync('abc')],
      ['identity', Buffer.from('abc')],
    ])('gives the next one the body as a stream where its coding is %s', async (coding, body) => {
      server = await host.start(handler(decompress()), async (req, res) => {
        for await (const piece of req.body as AsyncIterable<Buffer>) res.write(piece);
        res.end();
      });

      const response = await post(body, { 'Content-Encoding': coding });

      expect(await response.text()).toBe('abc');
    });
  });

  test.each([{ limit: '10 mbs' }, { limit: -1 }, { maxRatio: 0 }, { maxRatio: Number.NaN }])(
    'refuses %j when it is made',
    async (options) => {
      server = await (hosts[0] as (typeof hosts)[0]).start(answer);

      expect(() => decompress(options)).toThrow(/limit|maxRatio/);
    },
  );
});
