import http from 'node:http';
import express from 'express';
import { lines, type PipeReader, readLineBatches } from 'pipebody';
import { hosts, listen, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

const answerBody: TestHandler = (req, res) => {
  res.end(JSON.stringify(req.body));
};

/** Two-, three- and four-byte characters, LF and CRLF, an empty line, a lone CR, a last line without an end. */
const text = 'é\r\n€\n\r\n😀ü\r\na\rb\n\nlast €';
const expected = ['é', '€', '', '😀ü', 'a\rb', '', 'last €'];

describe.each(hosts)('lines() on $name', (host) => {
  test('gives the same lines wherever the body is cut', async () => {
    server = await host.start(lines() as TestHandler, answerBody);
    const bytes = Buffer.from(text);
    const client = await RawClient.connect(server.port);

    for (let cut = 1; cut < bytes.length; cut += 1) {
      await client.send(postHead(bytes.length));
      await client.send(bytes.subarray(0, cut));
      await new Promise(setImmediate);
      await client.send(bytes.subarray(cut));
      const answers = await client.responses(cut);
      expect(JSON.parse(Buffer.from(answers[cut - 1] ?? '', 'latin1').toString())).toEqual(expected);
    }
  });

  test('a request of another type goes on untouched', async () => {
    server = await host.start(
      (req, _res, next) => {
        req.body = 'untouched';
        next();
      },
      lines() as TestHandler,
      answerBody,
    );

    const response = await fetch(server.url, {
      method: 'POST',
      body: 'a\nb',
      headers: { 'Content-Type': 'application/octet-stream' },
    });

    expect(await response.json()).toBe('untouched');
  });

  test('an empty body has no lines', async () => {
    server = await host.start(lines() as TestHandler, answerBody);

    const response = await fetch(server.url, { method: 'POST', body: '', headers: { 'Content-Type': 'text/plain' } });

    expect(await response.json()).toEqual([]);
  });

  test.each([
    ['a body', { limit: 8 }, 'one\ntwo\n', 'one\ntwo\n3', { type: 'entity.too.large' }],
    ['a line', { maxLineLength: 3 }, 'abc\r\nxyz', 'abc\r\nwxyz', { type: 'line.too.long' }],
    ['a line without an end', { maxLineLength: 3 }, 'abc', 'abcd', { type: 'line.too.long' }],
    ['the number of lines', { maxLines: 2 }, 'a\n\n', 'a\n\nb', { type: 'lines.too.many' }],
  ])('%s at its limit is read, one byte more is a 413', async (_name, options, fitting, tooLong, error) => {
    server = await host.start(lines(options) as TestHandler, answerBody);
    const post = (body: string) =>
      fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': 'text/plain' } });

    const accepted = await post(fitting);
    const refused = await post(tooLong);

    expect(accepted.status).toBe(200);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject(error);
  });
});

describe('lines()', () => {
  test('works without pipeBody(), and leaves no other member on the request', async () => {
    const app = express();
    app.post('/', lines(), (req, res) => {
      res.json([req.body, 'bodyReader' in req]);
    });
    server = await listen(http.createServer(app));

    const response = await fetch(server.url, {
      method: 'POST',
      body: 'a\nb',
      headers: { 'Content-Type': 'text/plain' },
    });

    expect(await response.json()).toEqual([['a', 'b'], false]);
  });

  test.each([
    ['windows-1251', {}, Buffer.from([0xcf, 0x0a, 0xf0]), ['П', 'р']],
    ['utf-16', {}, Buffer.from('\uFEFFé\n€', 'utf16le'), ['é', '€']],
    ['utf-8', { eol: 'any', skipEmpty: true } as const, Buffer.from('a\rb\r\r\n\nc'), ['a', 'b', 'c']],
  ])('reads %s with %p', async (charset, options, body, expected) => {
    const app = express();
    app.post('/', lines(options), (req, res) => {
      res.json(req.body);
    });
    server = await listen(http.createServer(app));

    const response = await fetch(server.url, {
      method: 'POST',
      body,
      headers: { 'Content-Type': `text/plain; charset="${charset}"` },
    });

    expect(await response.json()).toEqual(expected);
  });

  test.each(['klingon', 'base64', 'hex'])('the charset %s is a 415', async (charset) => {
    server = (await hosts[0]?.start(lines() as TestHandler, answerBody)) as RunningServer;

    const response = await fetch(server.url, {
      method: 'POST',
      body: 'a',
      headers: { 'Content-Type': `text/plain; charset=${charset}` },
    });

    expect([response.status, await response.json()]).toMatchObject([415, { type: 'charset.unsupported' }]);
  });

  test.each([['10 mbs'], ['-1'], [-1], [Number.NaN], ['5 furlongs'], ['']])(
    'refuses the limit %p when it is made',
    (limit) => {
      server = { close: async () => {} } as RunningServer;

      expect(() => lines({ limit })).toThrow(TypeError);
    },
  );
});

describe('readLineBatches()', () => {
  test('an abandoned loop leaves the reader at the first line that was not handed out', async () => {
    server = (await hosts[0]?.start(async (req, res) => {
      const { bodyReader } = req as { bodyReader: PipeReader };
      for await (const batch of readLineBatches(bodyReader)) {
        res.write(`${batch.join()};`);
        break;
      }
      for await (const batch of readLineBatches(bodyReader)) res.write(`${batch.join()};`);
      res.end();
    })) as RunningServer;
    const client = await RawClient.connect(server.port);

    await client.send(postHead(9));
    await client.send('one\ntw');
    await client.until((received) => received.includes('one'));
    await client.send('o\n3');

    expect((await client.responses(1))[0]).toMatch(/^one;two,3;|^one;two;3;/);
  });
});
