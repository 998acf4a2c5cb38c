import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { json, text } from 'pipebody';

/** A stream that poses as a request, as test doubles and platforms do. */
const request = (chunks: readonly string[], headers: Record<string, string>, failure?: Error) =>
  Object.assign(
    Readable.from(
      (async function* () {
        yield* chunks.map((chunk) => Buffer.from(chunk));
        if (failure) throw failure;
      })(),
      { objectMode: false },
    ),
    { method: 'POST', url: '/', headers: { 'content-type': 'application/json', ...headers } },
  ) as unknown as IncomingMessage & { body?: unknown };

const parse = (fake: IncomingMessage & { body?: unknown }, middleware = json()) =>
  new Promise((resolve) => {
    middleware(fake, {} as never, (error?: unknown) => resolve(error ?? fake.body));
  });

describe('a parser of a request that is a mere stream', () => {
  test('reads it', async () => {
    expect(await parse(request(['{"a"', ':1}'], { 'content-length': '7' }))).toEqual({ a: 1 });
    expect(await parse(request(['[1]'], { 'transfer-encoding': 'chunked' }))).toEqual([1]);
  });

  test.each([
    ['more', '3'],
    ['fewer', '9'],
  ])('is a 400 where it has %s bytes than its Content-Length', async (_what, length) => {
    expect(await parse(request(['[1', ',2]'], { 'content-length': length }))).toMatchObject({
      status: 400,
      type: 'request.size.invalid',
      expected: Number(length),
      received: 5,
    });
  });

  test('is a 400 where it fails', async () => {
    expect(await parse(request(['[1'], { 'content-length': '9' }, new Error('gone')))).toMatchObject({
      status: 400,
      type: 'request.aborted',
    });
  });

  test('is a 500 where somebody set an encoding, or read it before', async () => {
    const encoded = request(['[1]'], { 'content-length': '3' });
    encoded.setEncoding('utf8');
    const read = request(['[1]'], { 'content-length': '3' });
    for await (const _ of read);

    expect(await parse(encoded)).toMatchObject({ status: 500, type: 'stream.encoding.set' });
    expect(await parse(Object.assign(read, { destroyed: false }))).toMatchObject({
      status: 500,
      type: 'stream.not.readable',
    });
  });

  test('leaves one of another type alone', async () => {
    const fake = request(['[1]'], { 'content-length': '3' });

    expect(await parse(fake, text())).toBeUndefined();
    expect(await parse(fake)).toEqual([1]);
  });
});
