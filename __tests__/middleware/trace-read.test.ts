import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import http from 'node:http';
import zlib from 'node:zlib';
import express from 'express';
import {
  compress,
  type DecodeMessage,
  decompress,
  form,
  json,
  lines,
  ndjson,
  pipeBody,
  type ReadMessage,
  raw,
  text,
  urlencoded,
} from 'pipebody';
import { ChannelRecorder } from '../support/channel-recorder';
import { hosts, listen, type RunningServer, type TestHandler, withHandlers } from '../support/hosts';
import { multipartBody } from '../support/multipart-body';
import { postHead, RawClient } from '../support/raw-client';

const secret = 'T0P-SECRET';
const whole = ['start', 'end', 'asyncStart', 'asyncEnd'];
const failed = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];

const handler = (middleware: unknown) => middleware as TestHandler;
const answer: TestHandler = (_req, res) => res.end('ok');

let server: RunningServer;
let recorder: ChannelRecorder;
afterEach(async () => {
  recorder.stop();
  await server.close();
});

/** One that has never heard of pipeBody(), beside the hosts that have. */
const bare = {
  name: 'Express 5, app.listen()',
  start: (...handlers: TestHandler[]) => listen(http.createServer(withHandlers(express(), handlers))),
};

const post = (body: string | Buffer, type: string, headers: Record<string, string> = {}) =>
  fetch(server.url, { method: 'POST', body: body as string, headers: { 'Content-Type': type, ...headers } });

const asMultipart = 'multipart/form-data; boundary=x';
const multipart = multipartBody('x', [
  { name: secret, content: secret },
  { name: 'file', filename: secret, content: secret },
]);

describe.each([...hosts, bare])('tracing:pipebody.read on $name', (host) => {
  test.each<[string, unknown, string, string | Buffer]>([
    ['json', json(), 'application/json', `{"a":"${secret}"}`],
    ['urlencoded', urlencoded(), 'application/x-www-form-urlencoded', `a=${secret}`],
    ['text', text(), 'text/plain', secret],
    ['raw', raw(), 'application/octet-stream', secret],
    ['lines', lines(), 'text/plain', secret],
    ['ndjson', ndjson(), 'application/x-ndjson', `"${secret}"`],
    ['form', form(), 'application/x-www-form-urlencoded', `a=${secret}`],
    ['form', form().any(), asMultipart, multipart],
  ])('tells what %s() reads, and nothing that is in it', async (name, middleware, type, body) => {
    recorder = new ChannelRecorder('read');
    server = await host.start(handler(middleware), answer);

    expect(await (await post(body, type)).text()).toBe('ok');

    const [message] = await recorder.ended<ReadMessage>(1);
    expect(recorder.events).toEqual(whole);
    expect({ ...message }).toEqual({ middleware: name, bytes: body.length, expected: body.length, error: undefined });
    expect(recorder.recorded.map(({ printed }) => printed).join()).not.toContain(secret);
    expect(message?.request.method).toBe('POST');
  });

  test.each<[string, unknown, string, object]>([
    ['before the first byte', json(), 'application/json; charset=x', { status: 415, type: 'charset.unsupported' }],
    ['at its length', json({ limit: 3 }), 'application/json', { status: 413, type: 'entity.too.large', limit: 3 }],
    ['by the parser', json(), 'application/json', { name: 'SyntaxError', status: 400, type: 'entity.parse.failed' }],
    ['by verify', json({ verify: () => Promise.reject(new Error(secret)) }), 'application/json', { status: 403 }],
    ['by a limit of a form', form().none(), asMultipart, { code: 'LIMIT_UNEXPECTED_FILE' }],
  ])('tells that a body was refused %s, and does not quote it', async (_when, middleware, type, facts) => {
    recorder = new ChannelRecorder('read');
    server = await host.start(handler(middleware), answer);
    const body = type === asMultipart ? multipart : `{"a":"${secret}"`;

    expect((await post(body, type)).status).toBeGreaterThanOrEqual(400);

    const [message] = await recorder.ended<ReadMessage>(1);
    expect(recorder.events).toEqual(failed);
    expect(message?.error).toMatchObject(facts);
    expect(recorder.recorded.map(({ printed }) => printed).join()).not.toContain(secret);
  });

  test('tells how much had come when the client went away', async () => {
    recorder = new ChannelRecorder('read');
    server = await host.start(handler(json()), answer);
    const client = await RawClient.connect(server.port);
    const arrived = new Promise((resolve) => tracingChannel('pipebody.read').end.subscribe(resolve));
    await client.send(`${postHead(100, 'Content-Type: application/json')}{"a":`);
    await arrived;
    client.socket.end();

    const [message] = await recorder.ended<ReadMessage>(1);
    expect({ ...message }).toMatchObject({ bytes: 5, expected: 100 });
    expect(message?.error).toMatchObject({ type: 'request.aborted', received: 5, expected: 100 });
  });
});

const [served = bare] = hosts;

test('a middleware that leaves a request alone tells nothing', async () => {
  recorder = new ChannelRecorder('read');
  server = await served.start(handler(json()), handler(form()), answer);

  await post('x', 'text/plain');
  await fetch(server.url);

  expect(recorder.events).toEqual([]);
});

test('who listens to one event only hears it', async () => {
  recorder = new ChannelRecorder('read');
  recorder.stop();
  const heard: unknown[] = [];
  const listener = (message: unknown) => heard.push((message as ReadMessage).bytes);
  const { asyncEnd } = tracingChannel('pipebody.read');
  asyncEnd.subscribe(listener);
  server = await served.start(handler(json()), answer);

  await post('{}', 'application/json');
  asyncEnd.unsubscribe(listener);

  expect(heard).toEqual([2]);
});

test('a store that is bound to the channel is there while the body is read, and not for the handler', async () => {
  recorder = new ChannelRecorder('read');
  const store = new AsyncLocalStorage<string>();
  const { start } = tracingChannel<string, object>('pipebody.read');
  start.bindStore(store as never, () => 'reading');
  const seen: unknown[] = [];
  const verify = async () => {
    await new Promise(setImmediate);
    seen.push(store.getStore());
  };
  const look: TestHandler = (_req, res) => {
    seen.push(store.getStore());
    res.end();
  };
  server = await served.start(handler(json({ verify })), look);

  await post('{}', 'application/json');
  start.unbindStore(store as never);

  expect(seen).toEqual(['reading', undefined]);
});

describe('tracing:pipebody.decode', () => {
  const encoded = zlib.gzipSync(`{"a":"${secret}"}`);
  const length = secret.length + 8;
  const twice = zlib.deflateSync(encoded);

  test.each<[string, unknown, unknown]>([
    ['json()', json(), answer],
    ['decompress()', decompress(), json()],
    ['form()', form(), answer],
  ])('tells the bytes before and after the codings that %s decodes', async (name, middleware, next) => {
    recorder = new ChannelRecorder('decode');
    server = await served.start(handler(middleware), handler(next), answer);
    const type = name === 'form()' ? 'application/x-www-form-urlencoded' : 'application/json';

    expect(await (await post(twice, type, { 'Content-Encoding': 'gzip, deflate' })).text()).toBe('ok');

    const [message] = await recorder.ended<DecodeMessage>(1);
    expect(recorder.events).toEqual(whole);
    expect({ ...message }).toEqual({
      codings: ['gzip', 'deflate'],
      encodedBytes: twice.length,
      decodedBytes: length,
      error: undefined,
    });
    expect(recorder.recorded.map(({ printed }) => printed).join()).not.toContain(secret);
  });

  test.each<[string, Buffer, string, object]>([
    ['cannot be decoded', encoded, 'compress', { status: 415, type: 'encoding.unsupported' }],
    ['is cut off', encoded.subarray(0, -1), 'gzip', { status: 400, type: 'entity.decode.failed', code: 'Z_BUF_ERROR' }],
    ['is followed by other bytes', Buffer.concat([encoded, encoded, Buffer.of(1)]), 'gzip', { status: 400 }],
  ])('tells of a body that %s', async (_what, body, coding, facts) => {
    recorder = new ChannelRecorder('decode');
    server = await served.start(handler(decompress()), handler(json()), answer);

    await post(body, 'application/json', { 'Content-Encoding': coding });

    const [message] = await recorder.ended<DecodeMessage>(1);
    expect(recorder.events).toEqual(failed);
    expect(message?.error).toMatchObject(facts);
  });

  test('ends with a body that nobody reads to its end', async () => {
    recorder = new ChannelRecorder('decode');
    server = await served.start(handler(decompress()), answer);

    await post(encoded, 'application/json', { 'Content-Encoding': 'gzip' });

    const [message] = await recorder.ended<DecodeMessage>(1);
    expect(recorder.events).toEqual(whole);
    expect(message?.decodedBytes).toBe(0);
  });
});

test('every middleware is a function with a name, as Express and OpenTelemetry show it', () => {
  recorder = new ChannelRecorder('read');
  const all = [
    pipeBody(),
    compress(),
    decompress(),
    json(),
    urlencoded(),
    text(),
    raw(),
    lines(),
    ndjson(),
    form(),
    form().single('a'),
  ];
  const app = express();
  for (const middleware of all) app.use(middleware as never);

  expect(app.router.stack.map(({ name }) => name)).toEqual([
    'bodyMembers',
    'compressBody',
    'decompressBody',
    'jsonParser',
    'urlencodedParser',
    'textParser',
    'rawParser',
    'linesParser',
    'ndjsonParser',
    'formParser',
    'formParser',
  ]);
});
