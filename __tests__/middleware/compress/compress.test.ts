import http from 'node:http';
import { Transform } from 'node:stream';
import { constants, gunzipSync } from 'node:zlib';
import compression from 'compression';
import express from 'express';
import { compress, createServer } from 'pipebody';
import { askEncoded } from '../../support/ask-encoded';
import { answerError, hosts, listen, type RunningServer, type TestHandler } from '../../support/hosts';
import { RawClient } from '../../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

const text = 'a body that repeats itself. '.repeat(100);
const asText: TestHandler = (_req, res, next) => {
  res.setHeader('Content-Type', 'text/plain');
  next();
};

/** A server whose responses are text, and compressed with these options. */
const serve = async (handler: TestHandler, options: Parameters<typeof compress>[0] = {}) => {
  server = await listen(
    http.createServer(
      express()
        .disable('etag')
        .use(asText as never, compress(options) as never, handler as never),
    ),
  );
};

const answer: TestHandler = (_req, res) => res.end(text);
const withHeaders =
  (headers: Record<string, string>): TestHandler =>
  (_req, res) =>
    res.writeHead(200, headers).end(text);

describe('compress() on every host', () => {
  test.each(hosts)('$name: a body of one call is compressed with its length', async (host) => {
    server = await host.start(asText, compress() as TestHandler, answer);

    const { headers, bytes, text: decoded } = await askEncoded(server);

    expect(decoded).toBe(text);
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(bytes.length) });
  });

  test('works alone on node:http', async () => {
    server = await listen(
      http.createServer((req, res) => {
        res.setHeader('Content-Type', 'text/plain');
        compress()(req, res, () => res.end(text));
      }),
    );

    expect((await askEncoded(server)).headers['content-encoding']).toBe('gzip');
  });

  test.each(['json', 'send'])('res.%s keeps its Content-Length', async (method) => {
    server = await listen(
      createServer(express().use(compress() as never, (_req, res) => void res[method as 'json']({ text }))),
    );

    const { headers, bytes, text: decoded } = await askEncoded(server);

    expect(JSON.parse(decoded)).toEqual({ text });
    expect(headers['content-length']).toBe(String(bytes.length));
    expect(headers['transfer-encoding']).toBeUndefined();
  });
});

describe('compress() and the headers', () => {
  test('a strong ETag becomes a weak one', async () => {
    await serve(withHeaders({ ETag: '"one"' }));

    expect((await askEncoded(server)).headers.etag).toBe('W/"one"');
  });

  test.each([
    ['a weak ETag', { ETag: 'W/"one"' }, {}],
    ['an ETag of a body that is not compressed', { ETag: '"one"' }, { 'Accept-Encoding': 'identity' }],
  ])('%s stays', async (_name, given, headers) => {
    await serve(withHeaders(given));

    expect((await askEncoded(server, { headers })).headers.etag).toBe(given.ETag);
  });

  test('digests of the plain body and the offer of ranges are taken away', async () => {
    await serve(
      withHeaders({ 'Content-MD5': 'x', 'Repr-Digest': 'x', 'Content-Digest': 'x', 'Accept-Ranges': 'bytes' }),
    );

    const { headers } = await askEncoded(server);

    expect(['content-md5', 'repr-digest', 'content-digest', 'accept-ranges'].filter((name) => name in headers)).toEqual(
      [],
    );
  });

  test.each([
    ['a part', 206, { 'Content-Range': 'bytes 0-9/10' }],
    ['a range that cannot be satisfied', 416, { 'Content-Range': 'bytes */10' }],
    ['a part of several ranges', 206, {}],
  ])('%s is left alone, and varies', async (_name, status, headers) => {
    await serve((_req, res) => res.writeHead(status, headers as never).end(text));

    const got = await askEncoded(server);

    expect([got.status, got.headers['content-encoding'], got.text, got.headers.vary]).toEqual([
      status,
      undefined,
      text,
      'Accept-Encoding',
    ]);
  });

  test.each([204, 304])('%i has neither a body nor a coding', async (status) => {
    await serve((_req, res) => res.writeHead(status).end());

    const { headers, bytes } = await askEncoded(server);

    expect([headers['content-encoding'], bytes.length]).toEqual([undefined, 0]);
  });

  test('a 304 has the ETag that the client was given', async () => {
    await serve((_req, res) => res.writeHead(304, { ETag: '"one"' }).end());
    const ask = (tag: string) => askEncoded(server, { headers: { 'If-None-Match': tag } });

    expect((await ask('W/"one"')).headers.etag).toBe('W/"one"');
    expect((await ask('"one"')).headers.etag).toBe('"one"');
  });

  test('Express answers a client that kept the compressed body with 304', async () => {
    const app = express().set('etag', 'strong');
    server = await listen(createServer(app.use(compress() as never, (_req, res) => void res.send(text))));
    const { etag = '' } = (await askEncoded(server)).headers;

    const again = await askEncoded(server, { headers: { 'Accept-Encoding': 'gzip', 'If-None-Match': etag } });

    expect([etag.startsWith('W/"'), again.status, again.headers.etag]).toEqual([true, 304, etag]);
    expect(again.valuesOf('vary')).toEqual(['Accept-Encoding']);
  });

  test.each([text.length, 10])('a HEAD has the headers of a GET, of %i bytes', async (length) => {
    await serve((_req, res) => {
      res.setHeader('ETag', '"one"').setHeader('Content-Length', length);
      res.end(text.slice(0, length));
    });

    const [head, get] = [await askEncoded(server, { method: 'HEAD' }), await askEncoded(server)];

    expect(head.bytes.length).toBe(0);
    for (const name of ['content-encoding', 'etag', 'vary']) expect(head.headers[name]).toBe(get.headers[name]);
    expect([undefined, get.headers['content-length']]).toContain(head.headers['content-length']);
  });

  test('a client of HTTP/1.0 gets the coding and no chunks', async () => {
    await serve((_req, res) => {
      res.write(text);
      res.end(text);
    });
    const client = await RawClient.connect(server.port);

    await client.send('GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n');
    const received = await client.closed();

    expect(received.toString('latin1')).not.toContain('chunked');
    expect(gunzipSync(received.subarray(received.indexOf('\r\n\r\n') + 4)).toString()).toBe(text + text);
  });

  test('trailers keep a body in chunks', async () => {
    await serve((_req, res) => {
      res.setHeader('Trailer', 'X-Sum');
      res.addTrailers({ 'X-Sum': '1' });
      res.end(text);
    });

    const { headers, text: decoded } = await askEncoded(server);

    expect([headers['content-length'], headers['content-encoding'], decoded]).toEqual([undefined, 'gzip', text]);
  });

  test('headers count as sent once res.end() has returned', async () => {
    let wasSent: boolean | undefined;
    await serve((_req, res) => {
      res.end('x'.repeat(100_000));
      wasSent = res.headersSent;
    });
    await askEncoded(server);

    expect(wasSent).toBe(true);
  });
});

describe('compress() chooses the coding', () => {
  test.each([
    ['gzip, deflate, br, zstd', undefined, 'br'],
    ['gzip, br', ['gzip', 'br'], 'gzip'],
    ['gzip;q=0.5, br;q=0.4', ['br', 'gzip'], 'gzip'],
    ['br', ['gzip', 'deflate'], undefined],
    ['*', ['deflate', 'gzip'], 'deflate'],
    ['*;q=0.1, identity', undefined, undefined],
    ['gzip;q=0.5, *;q=0', undefined, 'gzip'],
    ['identity;q=0, deflate;q=0.1', undefined, 'deflate'],
  ] as const)('"%s" of %j: %s', async (accepted, encodings, coding) => {
    await serve(answer, encodings && { encodings });

    const { headers, text: decoded } = await askEncoded(server, { headers: { 'Accept-Encoding': accepted } });

    expect([headers['content-encoding'], headers.vary, decoded]).toEqual([coding, 'Accept-Encoding', text]);
  });

  test('"enforceEncoding" is for clients that do not say what they take', async () => {
    await serve(answer, { enforceEncoding: 'deflate' });

    expect((await askEncoded(server, { headers: {} })).headers['content-encoding']).toBe('deflate');
    expect((await askEncoded(server)).headers['content-encoding']).toBe('gzip');
  });
});

describe('compress() and its options', () => {
  test('"threshold" is the first length that is compressed', async () => {
    await serve((req, res) => res.end('x'.repeat(Number(req.url?.slice(1)))), { threshold: '2kb' });

    const codings = [];
    for (const length of [2_047, 2_048]) {
      codings.push((await askEncoded(server, { path: `/${length}` })).headers['content-encoding']);
    }

    expect(codings).toEqual([undefined, 'gzip']);
  });

  test.each(['application/x-ndjson', 'Application/JSONL; charset=utf-8'])('%s is compressed', async (type) => {
    await serve((_req, res) => res.setHeader('Content-Type', type).end('{"a":1}\n'.repeat(1_000)));

    expect((await askEncoded(server)).headers['content-encoding']).toBe('gzip');
  });

  test('"filter" decides, and can ask the default', async () => {
    await serve(answer, { filter: (req, res) => req.url !== '/no' && compress.filter(req, res) });

    expect((await askEncoded(server)).headers['content-encoding']).toBe('gzip');
    expect((await askEncoded(server, { path: '/no' })).headers['content-encoding']).toBeUndefined();
  });

  test('"exclude" leaves a response as it is, without Vary', async () => {
    await serve(answer, { filter: () => true, exclude: (req) => req.url === '/secret' });

    const { headers } = await askEncoded(server, { path: '/secret' });

    expect([headers['content-encoding'], headers.vary]).toEqual([undefined, undefined]);
  });

  test('a filter that throws makes the response a 500', async () => {
    await serve(answer, {
      filter: () => {
        throw new Error('no');
      },
    });

    expect((await askEncoded(server)).status).toBe(500);
  });

  test.each([
    ['level', 0],
    ['level', 9],
    ['memLevel', 1],
    ['windowBits', 9],
    ['strategy', constants.Z_HUFFMAN_ONLY],
    ['chunkSize', 64],
  ])('"%s" %i is given to zlib', async (name, value) => {
    await serve((req, res) => res.end(req.url === '/large' ? text.repeat(20) : text), { [name]: value });

    expect((await askEncoded(server)).text).toBe(text);
    expect((await askEncoded(server, { path: '/large' })).text).toBe(text.repeat(20));
  });

  test('the quality of Brotli is 4 unless said otherwise', async () => {
    const lengths = [];
    for (const params of [{}, { [constants.BROTLI_PARAM_QUALITY]: 4 }, { [constants.BROTLI_PARAM_QUALITY]: 11 }]) {
      await serve((_req, res) => res.end(Array.from({ length: 999 }, (_, i) => i ** 3).join()), { brotli: { params } });
      lengths.push((await askEncoded(server, { headers: { 'Accept-Encoding': 'br' } })).bytes.length);
      await server.close();
    }

    expect(lengths[0]).toBe(lengths[1]);
    expect(lengths[2]).toBeLessThan(lengths[0] as number);
  });
});

describe('compress() beside others', () => {
  const twice: [string, unknown, unknown][] = [
    ['compress() twice', compress(), compress()],
    ['compression before', compression(), compress()],
    ['compression behind', compress(), compression()],
  ];

  test.each(twice)('%s: the body is compressed once', async (_name, first, second) => {
    server = await listen(
      http.createServer(express().use(asText as never, first as never, second as never, answer as never)),
    );

    for (const path of ['/', '/again']) {
      const { text: decoded, valuesOf } = await askEncoded(server, { path });
      expect([decoded, valuesOf('content-encoding'), valuesOf('vary')]).toEqual([text, ['gzip'], ['Accept-Encoding']]);
    }
  });

  test('a transform that was swapped in goes before the coding', async () => {
    await serve((_req, res) => {
      const upper = new Transform({ transform: (chunk, _e, done) => done(null, String(chunk).toUpperCase()) });
      res.pipeBodyThrough(upper);
      res.end(text);
    });

    expect((await askEncoded(server)).text).toBe(text.toUpperCase());
  });

  test.each(hosts)('$name: a transform that a later starting callback brings goes before the coding', async (host) => {
    server = await host.start(asText, compress() as TestHandler, (_req, res) => {
      res.onStarting(() => {
        const twice = new Transform({
          transform(chunk, _encoding, done) {
            this.push(chunk);
            done(null, chunk);
          },
        });
        res.pipeBodyThrough(twice);
      });
      res.end(text);
    });

    const { text: decoded, headers } = await askEncoded(server);

    expect([decoded, headers['content-encoding']]).toEqual([text + text, 'gzip']);
  });

  test('an error handler answers for a handler that failed before its first write', async () => {
    server = await listen(
      http.createServer((req, res) => {
        compress()(req, res, () => answerError({ status: 418, message: 'no' }, res));
      }),
    );

    expect((await askEncoded(server)).status).toBe(418);
  });
});
