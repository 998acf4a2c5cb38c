import http from 'node:http';
import express from 'express';
import { json } from 'pipebody';
import { hosts, listen, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

const answerBody: TestHandler = (req, res) => {
  res.end(JSON.stringify({ body: req.body }));
};

const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } });

describe.each(hosts)('json() on $name', (host) => {
  test('parses a body wherever it is cut', async () => {
    server = await host.start(json() as TestHandler, answerBody);
    const bytes = Buffer.from('{"é":["€","😀"]}');
    const client = await RawClient.connect(server.port);

    for (let cut = 1; cut < bytes.length; cut += 1) {
      await client.send(postHead(bytes.length, 'Content-Type: application/json'));
      await client.send(bytes.subarray(0, cut));
      await new Promise(setImmediate);
      await client.send(bytes.subarray(cut));
      const answers = await client.responses(cut);
      expect(JSON.parse(Buffer.from(answers[cut - 1] ?? '', 'latin1').toString())).toEqual({
        body: { é: ['€', '😀'] },
      });
    }
  });

  test('the handler never runs on half a body', async () => {
    let ranOn: unknown;
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<unknown>((resolve) => {
      fail = resolve;
    });
    server = await host.start(
      (req, res, next) => (json() as TestHandler)(req, res, (error) => (error ? fail(error) : next())),
      (req) => {
        ranOn = req.body;
      },
    );
    const client = await RawClient.connect(server.port);

    await client.send(postHead(20, 'Content-Type: application/json'));
    await client.send('{"a":1}');
    client.reset();

    expect(await failed).toMatchObject({ status: 400, type: 'request.aborted' });
    expect(ranOn).toBeUndefined();
  });

  test('a second parser goes on with the value of the first', async () => {
    server = await host.start(json() as TestHandler, json() as TestHandler, answerBody);

    const response = await post('{"a":1}');

    expect(await response.json()).toEqual({ body: { a: 1 } });
  });
});

// The oracle: express.json() gets the same request.
const requests: [string, string | Buffer, Record<string, string>][] = [
  ['an object', '{"a":[1,2,{"b":null}]}', {}],
  ['an array', '[1,"two",3.5e3]', {}],
  ['white space before', ' \n\t\r{"a":1}', {}],
  ['an empty body', '', {}],
  ['a primitive', '"text"', {}],
  ['white space only', '   ', {}],
  ['a syntax error', '{"a":', {}],
  ['trailing text', '{"a":1}x', {}],
  ['a byte order mark', '\ufeff{"a":1}', {}],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]), {}],
  ['a charset parameter', '{"a":1}', { 'Content-Type': 'application/json; charset=UTF-8' }],
  ['an unknown charset', '{"a":1}', { 'Content-Type': 'application/json; charset=x-none' }],
  ['another type', '{"a":1}', { 'Content-Type': 'text/plain' }],
  ['a suffix type', '{"a":1}', { 'Content-Type': 'application/vnd.api+json' }],
  ['garbage after the type', '{"a":1}', { 'Content-Type': 'application/json garbage' }],
  ['an unknown coding', '{"a":1}', { 'Content-Encoding': 'x-none' }],
  ['the identity coding', '{"a":1}', { 'Content-Encoding': 'Identity' }],
  ['a body at the limit', `{"a":"${'x'.repeat(102_400 - 8)}"}`, {}],
  ['a body one byte over the limit', `{"a":"${'x'.repeat(102_400 - 7)}"}`, {}],
];

async function answerOf(parser: express.RequestHandler, body: string | Buffer, headers: Record<string, string>) {
  const app = express();
  app.post('/', parser, (req, res) => {
    res.json({ body: req.body ?? null });
  });
  const onError: express.ErrorRequestHandler = (error, _req, res, _next) => {
    const { status, type, expose, limit, charset } = error;
    res.status(status).json({ status, type, expose, limit, charset });
  };
  app.use(onError);
  server = await listen(http.createServer(app));
  const response = await post(body, headers);
  const answer = await response.json();
  await server.close();
  return answer;
}

describe('json()', () => {
  test.each(requests)('answers %s as express.json() does', async (_name, body, headers) => {
    const ours = await answerOf(json() as express.RequestHandler, body, headers);
    const theirs = await answerOf(express.json(), body, headers);

    expect(ours).toEqual(theirs);
  });

  test('strict: false accepts any value', async () => {
    server = await (hosts[0] as (typeof hosts)[0]).start(json({ strict: false }) as TestHandler, answerBody);

    const response = await post('"text"');

    expect(await response.json()).toEqual({ body: 'text' });
  });

  test('the reviver sees every value', async () => {
    const reviver = (_key: string, value: unknown) => (typeof value === 'number' ? value + 1 : value);
    server = await (hosts[0] as (typeof hosts)[0]).start(json({ reviver }) as TestHandler, answerBody);

    const response = await post('[1,2]');

    expect(await response.json()).toEqual({ body: [2, 3] });
  });

  test('refuses a body that is announced too long before its first byte', async () => {
    server = await (hosts[0] as (typeof hosts)[0]).start(json({ limit: 10 }) as TestHandler, answerBody);
    const client = await RawClient.connect(server.port);

    await client.send(postHead(11, 'Content-Type: application/json'));

    expect((await client.responses(1))[0]).toContain('entity.too.large');
  });
});
