import http, { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import multer from 'multer';
import { json, type PipeRequest, pipeBody } from 'pipebody';
import { ask } from '../support/beside';
import { listen, type RunningServer } from '../support/hosts';
import { readAll } from '../support/read-all';

// Requests of serverless platforms: something that poses as a request, its body a Buffer that lies there already, in
// req.body or in req.rawBody. That Buffer becomes the body.

const text = '{"text":"é"}';
const bytes = Buffer.from(text);
const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length) };

type FakeRequest = PipeRequest & { rawBody?: Buffer };
type Carrier = 'body' | 'rawBody';

/** As serverless-http makes it: node's own class over a socket that is none, whole from the start. */
function incomingMessage(carrier: Carrier, value: unknown): FakeRequest {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: 'POST', url: '/', headers: { ...headers }, complete: true, [carrier]: value });
  request.push(null);
  return request as FakeRequest;
}

/** As test doubles are: a stream with the members of a request. It gives nothing itself. */
function readable(carrier: Carrier, value: unknown): FakeRequest {
  const request = new Readable({ read: () => request.push(null) });
  return Object.assign(request, { method: 'POST', url: '/', headers: { ...headers }, [carrier]: value }) as never;
}

/** As some platforms hand it over: no stream at all. */
function plainObject(carrier: Carrier, value: unknown): FakeRequest {
  return { method: 'POST', url: '/', headers: { ...headers }, [carrier]: value } as never;
}

const makers = [
  { fake: 'an IncomingMessage', make: incomingMessage },
  { fake: 'a Readable', make: readable },
  { fake: 'a plain object', make: plainObject },
];

const carriers: { where: string; carrier: Carrier; value: unknown }[] = [
  { where: 'a Buffer in req.body', carrier: 'body', value: bytes },
  { where: 'a Buffer in req.rawBody', carrier: 'rawBody', value: bytes },
  { where: 'a string in req.body', carrier: 'body', value: text },
];

const rows = makers.flatMap((maker) => carriers.map((carrier) => ({ ...maker, ...carrier })));
const streamRows = rows.filter(({ fake }) => fake !== 'a plain object');
const failingTimeoutMs = 200;

/** Runs a middleware and waits until it goes on. */
const run = (middleware: ReturnType<typeof pipeBody>, request: FakeRequest): Promise<void> =>
  new Promise((resolve, reject) => {
    middleware(request, new ServerResponse(request), (error) => (error === undefined ? resolve() : reject(error)));
  });

const collect = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return String(Buffer.concat(chunks));
};

// Not built yet: what lies in req.body or req.rawBody is no body for pipeBody().
describe('a request of a serverless platform', () => {
  const prepared = async ({ make, carrier, value }: (typeof rows)[0]) => {
    const request = make(carrier, value);
    await run(pipeBody(), request);
    return request;
  };

  test.each(rows)(
    'gives bodyReader what lies there: $fake, $where',
    async (row) => {
      const request = await prepared(row);

      expect(String(await readAll(request.bodyReader))).toBe(text);
    },
    failingTimeoutMs,
  );

  test.each(rows)(
    'has a stream for its body: $fake, $where',
    async (row) => {
      const request = await prepared(row);

      expect(request.body).toBeInstanceOf(Readable);
      expect(await collect(request.body as Readable)).toBe(text);
    },
    failingTimeoutMs,
  );

  test.each(streamRows)(
    'is read itself: $fake, $where',
    async (row) => {
      const request = await prepared(row);

      expect(await collect(request)).toBe(text);
    },
    failingTimeoutMs,
  );

  test.each(rows)(
    'is parsed by json(): $fake, $where',
    async (row) => {
      const request = await prepared(row);

      await run(json(), request);

      expect(request.body).toEqual({ text: 'é' });
    },
    failingTimeoutMs,
  );

  test.each(makers)(
    'can have its body swapped: $fake',
    async ({ make }) => {
      const request = make('body', gzipSync(bytes));
      await run(pipeBody(), request);

      request.body = (request.body as Readable).pipe(createGunzip());

      expect(String(await readAll(request.bodyReader))).toBe(text);
    },
    failingTimeoutMs,
  );
});

describe('a request whose platform read it and kept req.rawBody', () => {
  let server: RunningServer;
  afterEach(() => server.close());

  /** Reads the request to its end as Firebase does, before any middleware of the user. */
  const start = (handle: (request: FakeRequest, response: ServerResponse) => unknown) =>
    listen(
      http.createServer(async (req, res) => {
        const chunks: Buffer[] = [];
        for await (const chunk of req) chunks.push(chunk);
        const rawBody = Buffer.concat(chunks);
        const request = Object.assign(req, { rawBody, body: { parsed: true } }) as unknown as FakeRequest;
        pipeBody()(request, res, () => handle(request, res));
      }),
    );

  test('keeps the parsed value in req.body', async () => {
    server = await start((request, response) => response.end(JSON.stringify(request.body)));

    expect((await ask(server, { body: bytes })).text).toBe('{"parsed":true}');
  });

  test(
    'is read again by bodyReader',
    async () => {
      server = await start(async (request, response) => response.end(await readAll(request.bodyReader)));

      expect((await ask(server, { body: bytes })).text).toBe(text);
    },
    failingTimeoutMs,
  );

  // Known: a `for await` over the request leaves it paused, and nothing documented tells it from a pause that is meant.
  test.failing(
    'is read again by multer',
    async () => {
      const form = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello\r\n--b--\r\n';
      const upload = multer().single('file') as (req: unknown, res: unknown, next: () => void) => void;
      server = await start((request, response) => {
        upload(request, response, () => {
          response.end((request as unknown as { file?: { buffer: Buffer } }).file?.buffer ?? 'no file');
        });
      });

      const question = { headers: { 'Content-Type': 'multipart/form-data; boundary=b' }, body: Buffer.from(form) };

      expect((await ask(server, question)).text).toBe('hello');
    },
    failingTimeoutMs,
  );
});
