import http from 'node:http';
import { expectTypeOf } from 'expect-type';
import express from 'express';
import { type NdjsonOptions, ndjson } from 'pipebody';
import * as v from 'valibot';
import * as z from 'zod';
import { hosts, listen, type RunningServer, type TestHandler } from '../support/hosts';
import { loadArktype } from '../support/load-arktype';
import { postHead, RawClient } from '../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

const answerBody: TestHandler = (req, res) => {
  res.end(JSON.stringify(req.body));
};

const text = '{"a":"é"}\r\n[1]\n"€"\n2';
const expected = [{ a: 'é' }, [1], '€', 2];

async function post(body: string | Uint8Array, type = 'application/x-ndjson') {
  const response = await fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': type } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> & unknown[] };
}

describe.each(hosts)('ndjson() on $name', (host) => {
  test('gives the same values wherever the body is cut', async () => {
    server = await host.start(ndjson() as TestHandler, answerBody);
    const bytes = Buffer.from(text);
    const client = await RawClient.connect(server.port);

    for (let cut = 1; cut < bytes.length; cut += 1) {
      await client.send(postHead(bytes.length, 'Content-Type: application/jsonl'));
      await client.send(bytes.subarray(0, cut));
      await new Promise(setImmediate);
      await client.send(bytes.subarray(cut));
      const answers = await client.responses(cut);
      expect(JSON.parse(Buffer.from(answers[cut - 1] ?? '', 'latin1').toString())).toEqual(expected);
    }
  });

  test.each<[string, NdjsonOptions, string, string, object]>([
    ['a body', { limit: 6 }, '1\n22\n3', '1\n22\n33', { type: 'entity.too.large' }],
    ['a line', { maxLineLength: 3 }, '1\n"a"', '1\n"ab"', { type: 'line.too.long', message: /^Line 2 / }],
    ['the number of lines', { maxLines: 2 }, '1\n2\n', '1\n2\n3', { type: 'lines.too.many' }],
  ])('%s at its limit is read, one more is a 413', async (_name, options, fitting, tooMuch, error) => {
    server = await host.start(ndjson(options) as TestHandler, answerBody);

    expect((await post(fitting)).status).toBe(200);
    const refused = await post(tooMuch);
    expect(refused.status).toBe(413);
    for (const [name, value] of Object.entries(error)) {
      expect(refused.body[name]).toEqual(value instanceof RegExp ? expect.stringMatching(value) : value);
    }
  });
});

test('a line that is no JSON is found before the limit, wherever the body is cut', async () => {
  server = (await hosts[0]?.start(ndjson({ limit: 8 }) as TestHandler, answerBody)) as RunningServer;
  const client = await RawClient.connect(server.port);
  const bytes = Buffer.from('1\nx\n345678');
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunk = (part: Buffer) => `${part.length.toString(16)}\r\n${part.toString()}\r\n`;

  for (let cut = 1; cut < bytes.length; cut += 1) {
    await client.send(head + chunk(bytes.subarray(0, cut)));
    await new Promise(setImmediate);
    await client.send(`${chunk(bytes.subarray(cut))}0\r\n\r\n`);
    const answers = await client.responses(cut);
    expect(JSON.parse(answers[cut - 1] ?? '')).toMatchObject({ type: 'entity.parse.failed' });
  }
});

describe('ndjson()', () => {
  const start = async (options?: NdjsonOptions) => {
    const app = express();
    app.post('/', ndjson(options), (req, res) => {
      res.json([req.body ?? 'untouched', 'bodyReader' in req]);
    });
    app.use(((error, _req, res, _next) => {
      res.status(error.status).json(error);
    }) as express.ErrorRequestHandler);
    server = await listen(http.createServer(app));
  };

  test('works without pipeBody(), and leaves no other member on the request', async () => {
    await start();

    expect((await post(text)).body).toEqual([expected, false]);
  });

  test.each(['application/json', 'text/plain'])('leaves %s to others', async (type) => {
    await start();

    expect((await post(text, type)).body).toEqual(['untouched', false]);
  });

  test('says which line is no JSON', async () => {
    await start();

    expect(await post('1\n2\n{')).toMatchObject({ status: 400, body: { type: 'entity.parse.failed', line: 3 } });
    expect(await post('1\n\n')).toMatchObject({ status: 400, body: { type: 'entity.parse.failed', line: 2 } });
  });

  test('leaves out empty lines when it is told to', async () => {
    await start({ skipEmpty: true });

    expect((await post('\n1\n \n\n2\n')).body[0]).toEqual([1, 2]);
  });

  test('refuses keys that change prototypes, unless it is told otherwise', async () => {
    const poisoned = '{"a":1}\n{"__proto__":{"x":1},"b":2}';
    await start();
    expect(await post(poisoned)).toMatchObject({ status: 400, body: { type: 'entity.parse.failed', line: 2 } });
    await server.close();
    await start({ onProtoPoisoning: 'remove' });
    expect((await post(poisoned)).body[0]).toEqual([{ a: 1 }, { b: 2 }]);
    await server.close();
    await start({ onProtoPoisoning: 'ignore' });
    expect(Object.keys(((await post(poisoned)).body[0] as object[])[1] as object)).toEqual(['__proto__', 'b']);
  });

  test('types req.body after its schema', async () => {
    const app = express();
    app.post('/', ndjson({ schema: z.object({ a: z.number() }) }), (req, res) => {
      expectTypeOf(req.body).toEqualTypeOf<{ a: number }[]>();
      res.json([req.body.length]);
    });
    server = await listen(http.createServer(app));

    expect((await post('{"a":1}')).body).toEqual([1]);
  });

  test.each<[string, NdjsonOptions['schema']]>([
    ['zod', z.object({ a: z.number() })],
    ['valibot', v.object({ a: v.number() })],
    ['arktype', loadArktype()({ a: 'number' })],
  ])('says which line does not match the schema of %s', async (_name, schema) => {
    await start({ schema: schema as NonNullable<typeof schema> });

    expect((await post('{"a":1}')).body[0]).toEqual([{ a: 1 }]);
    expect(await post('{"a":1}\n{"a":"1"}')).toMatchObject({
      status: 422,
      body: { type: 'entity.schema.failed', line: 2, message: expect.stringMatching(/^Line 2 .*: a: /), issues: [{}] },
    });
  });

  test('reads UTF-16, and refuses what is no Unicode', async () => {
    await start();

    const utf16 = Buffer.from('\uFEFF"é"\n1', 'utf16le');
    expect((await post(utf16, 'application/x-ndjson; charset=UTF-16')).body[0]).toEqual(['é', 1]);
    expect(await post('1', 'application/x-ndjson; charset=latin1')).toMatchObject({
      status: 415,
      body: { type: 'charset.unsupported', charset: 'latin1' },
    });
  });

  test('refuses bad options when it is made', () => {
    server = { close: async () => {} } as RunningServer;

    expect(() => ndjson({ limit: '5 furlongs' })).toThrow(TypeError);
    expect(() => ndjson({ maxLines: -1 })).toThrow(RangeError);
    expect(() => ndjson({ maxLineLength: 1.5 })).toThrow(RangeError);
    expect(() => ndjson({ schema: {} as never })).toThrow(TypeError);
    expect(() => ndjson({ onProtoPoisoning: 'no' as never })).toThrow(TypeError);
  });
});
