import type { IncomingMessage, ServerResponse } from 'node:http';
import { expectTypeOf } from 'expect-type';
import express, { type RequestHandler } from 'express';
import { json, PipeReader, raw, readJson, readText, text, urlencoded } from 'pipebody';
import * as v from 'valibot';
import * as z from 'zod';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { loadArktype } from '../support/load-arktype';

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const type = loadArktype();

const createServerHost = hosts[0] as (typeof hosts)[0];

async function answerOf(parser: unknown, body: string | Buffer, headers: Record<string, string> = {}) {
  server = await createServerHost.start(parser as TestHandler, (req, res) => {
    const { rawBody } = req as unknown as { rawBody?: Buffer };
    res.end(JSON.stringify({ body: req.body, rawBody: rawBody?.toString() }));
  });
  const response = await fetch(server.url, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
  return { status: response.status, ...((await response.json()) as object) };
}

describe('schema', () => {
  const schemas = {
    zod: z.object({ age: z.number().transform(String) }),
    valibot: v.pipe(v.object({ age: v.pipe(v.number(), v.transform(String)) })),
    arktype: type({ age: ['number', '=>', String] }),
    'zod, asynchronous': z.object({ age: z.number().transform(async (age) => String(age)) }),
  };

  test.each(Object.entries(schemas))('of %s makes req.body', async (_name, schema) => {
    expect(await answerOf(json({ schema }), '{"age":7}')).toEqual({ status: 200, body: { age: '7' } });
  });

  test.each(Object.entries(schemas))('of %s refuses what does not match with 422', async (_name, schema) => {
    const answer = await answerOf(json({ schema }), '{"age":"x"}');

    expect(answer).toMatchObject({
      status: 422,
      type: 'entity.schema.failed',
      message: expect.stringContaining('age'),
    });
  });

  test('gives req.body its type', async () => {
    const app = express();
    app.post('/', json({ schema: schemas.zod }), (req) => {
      expectTypeOf(req.body).toEqualTypeOf<{ age: string }>();
    });
    expectTypeOf(json()).toExtend<RequestHandler>();
    const value = await readJson(PipeReader.from(Buffer.from('{"age":7}')), { schema: schemas.zod });
    expectTypeOf(value).toEqualTypeOf<{ age: string }>();
  });

  test('is refused when the middleware is made, if it is none', () => {
    expect(() => json({ schema: {} as never })).toThrow(TypeError);
  });
});

describe('onProtoPoisoning', () => {
  const poisoned = [
    '{"a":{"__proto__":{"x":1}},"b":1}',
    '{"a":{"\\u005f_proto__":{"x":1}},"b":1}',
    '{"a":{"constructor":{"prototype":{"x":1}}},"b":1}',
    '{"a":{"con\\u0073tructor":{"prot\\u006ftype":{"x":1}}},"b":1}',
  ];
  const harmless = [
    '{"a":"__proto__"}',
    '{"a":"\\"__proto__\\":1"}',
    '{"constructor":"x"}',
    '{"prototype":{}}',
    '{"constructor":null}',
  ];

  test.each(poisoned)('is by default an error for %s', async (body) => {
    expect(await answerOf(json(), body)).toMatchObject({
      status: 400,
      type: 'entity.parse.failed',
      message: expect.stringMatching(/"(__proto__|constructor)"/),
    });
  });

  test.each(poisoned)('"remove" drops the key of %s', async (body) => {
    expect(await answerOf(json({ onProtoPoisoning: 'remove' }), body)).toEqual({ status: 200, body: { a: {}, b: 1 } });
  });

  test.each(poisoned)('"ignore" keeps the key of %s', async (body) => {
    const value = await readJson<{ a: object }>(PipeReader.from(Buffer.from(body)), { onProtoPoisoning: 'ignore' });

    expect(Object.keys(value.a)).toHaveLength(1);
  });

  test.each(harmless)('is not there in %s', async (body) => {
    expect(await answerOf(json(), body)).toEqual({ status: 200, body: JSON.parse(body) });
  });

  test('"remove" leaves the rest to the reviver', async () => {
    const reviver = (_key: string, value: unknown) => (value === 1 ? 2 : value);
    const answer = await answerOf(json({ onProtoPoisoning: 'remove', reviver }), '{"__proto__":{},"b":1}');

    expect(answer).toEqual({ status: 200, body: { b: 2 } });
  });

  test('is refused when the middleware is made, if it is another word', () => {
    expect(() => json({ onProtoPoisoning: 'no' as never })).toThrow(TypeError);
  });
});

describe('verify', () => {
  test('may be asynchronous, and gets the bytes and their charset', async () => {
    const seen: unknown[] = [];
    const verify = async (_req: unknown, _res: unknown, bytes: Buffer, encoding: string | null) => {
      seen.push(bytes.toString(), encoding);
    };

    expect(await answerOf(json({ verify }), '[1]')).toEqual({ status: 200, body: [1] });
    expect(seen).toEqual(['[1]', 'utf-8']);
  });

  test.each([new Error('no'), 'no', undefined])('refuses by a promise that rejects with %p', async (reason) => {
    const answer = await answerOf(json({ verify: () => Promise.reject(reason) }), '[1]');

    expect(answer).toMatchObject({ status: 403, type: 'entity.verify.failed' });
  });

  test('has the type that it has with body-parser, also where it takes the request of Express', () => {
    json({ verify: (_req: IncomingMessage, _res: ServerResponse, body: Buffer, encoding: string) => [body, encoding] });
    json({ verify: (req: express.Request, res: express.Response, body: Buffer) => [req.ip, res.locals, body] });

    // Whoever calls a parser himself reads the error as in connect.
    const call = (req: IncomingMessage, res: ServerResponse) => json()(req, res, (error) => error.status);
    expect(call).toHaveLength(2);
  });

  test('is refused when the middleware is made, if it is no function', () => {
    expect(() => json({ verify: 'x' as never })).toThrow(TypeError);
  });
});

test('rawBody keeps the bytes beside the value', async () => {
  expect(await answerOf(json({ rawBody: true }), '{ "a": 1 }')).toEqual({
    status: 200,
    body: { a: 1 },
    rawBody: '{ "a": 1 }',
  });
});

test('a form is an object without a prototype, nested ones too', async () => {
  const prototypes: unknown[] = [];
  server = await createServerHost.start(urlencoded({ extended: true }) as TestHandler, (req, res) => {
    prototypes.push(Object.getPrototypeOf(req.body), Object.getPrototypeOf(req.body.a ?? Object.create(null)));
    res.end();
  });
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };

  for (const body of ['', 'b=1', 'a[b]=1']) await fetch(server.url, { method: 'POST', headers, body });

  expect(prototypes).toEqual([null, null, null, null, null, null]);
});

test.each([
  ['base64', 'NDE0Mg=='],
  ['hex', '34313432'],
])('readText() writes the bytes as %s, as text() and body-parser do', async (charset, expected) => {
  expect(await readText(PipeReader.from(Buffer.from('4142')), { charset })).toBe(expected);
});

test('UTF-7 is refused as JSON', async () => {
  const answer = await answerOf(json(), '{}', { 'Content-Type': 'application/json; charset=utf-7' });

  expect(answer).toMatchObject({ status: 415, type: 'charset.unsupported' });
});

const notLimits = ['10 mbs', 10n, Number.NaN, -1, '-1', Number.POSITIVE_INFINITY, {}, [], true, '', '1e3', '5 zb'];

test.each(['1 kb', '1  KB', '1kib', '1024', '1024b', 1_024.5, '0.0009765625mb'])(
  'the limit %p is 1,024 bytes',
  async (limit) => {
    const body = (length: number) => `["${'x'.repeat(length - 4)}"]`;

    expect(await answerOf(json({ limit }), body(1_024))).toMatchObject({ status: 200 });
    await server?.close();
    expect(await answerOf(json({ limit }), body(1_025))).toMatchObject({ status: 413 });
  },
);

test('a limit may be as long as body-parser takes it', () => {
  expect(() => json({ limit: '1pb' })).not.toThrow();
});

test.each(notLimits)('no parser takes the limit %p', (limit) => {
  for (const parser of [json, urlencoded, text, raw])
    expect(() => parser({ limit: limit as never })).toThrow(TypeError);
});

test.each([
  { parameterLimit: 0 },
  { parameterLimit: Number.NaN },
  { extended: true, depth: -1 },
  { defaultCharset: 'koi8-r' },
])('urlencoded() refuses %j when it is made', (options) => {
  expect(() => urlencoded(options)).toThrow(TypeError);
});
