import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Busboy as FastifyBusboy } from '@fastify/busboy';
import busboy from 'busboy';
import multer from 'multer';
import { afterPipeBody, ask, askTwice, largeRows, type RivalHandler, type Row, requestRows } from '../support/beside';
import type { RunningServer, TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';

// multer, busboy and @fastify/busboy: they pipe req into a parser, or a body that they are given.

const directory = mkdtempSync(join(tmpdir(), 'beside-uploads-'));
afterAll(() => rmSync(directory, { recursive: true }));

let server: RunningServer;
afterEach(() => server.close());

const boundary = 'beside-boundary';
const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` };

const part = (disposition: string, bytes: Buffer | string) =>
  Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ]);

const formOf = (file: Buffer) =>
  Buffer.concat([
    part('name="title"', 'é'),
    part('name="file"; filename="a.bin"', file),
    part('name="last"', 'end'),
    Buffer.from(`--${boundary}--\r\n`),
  ]);

const smallFile = Buffer.from('\r\n--beside\r\n-boundary é \0');
const largeFile = randomBytes(300_000);
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const parsed = (file: Buffer) => ({ fields: { title: 'é', last: 'end' }, name: 'a.bin', digest: digest(file) });

const files = [
  { size: 'small', file: smallFile, rows: requestRows },
  { size: 'large', file: largeFile, rows: largeRows },
];

/** Answers with what multer put on the request. */
const answerFile: TestHandler = (req, res) => {
  const { file, files: all } = req as unknown as { file?: Express.Multer.File; files?: Express.Multer.File[] };
  const { originalname, buffer, path } = [file, ...(all ?? [])].find(Boolean) as Express.Multer.File;
  res.end(JSON.stringify({ fields: req.body, name: originalname, digest: digest(buffer ?? readFileSync(path)) }));
};

/** Collects what a busboy tells, of either kind, and answers with it. */
function answerParts(parser: NodeJS.WritableStream, res: Parameters<TestHandler>[1]): void {
  const told = { fields: {} as Record<string, string>, name: '', digest: '' };
  parser
    .on('field', (name: string, value: string) => {
      told.fields[name] = value;
    })
    .on('file', (_name: string, stream: Readable, info: string | { filename: string }) => {
      const hash = createHash('sha256');
      told.name = typeof info === 'string' ? info : info.filename;
      stream.on('data', (chunk: Buffer) => hash.update(chunk));
      stream.on('end', () => {
        told.digest = hash.digest('hex');
      });
    })
    .on('finish', () => res.end(JSON.stringify(told)));
}

const busboys = [
  { name: 'busboy', create: (type: string) => busboy({ headers: { 'content-type': type } }) },
  { name: '@fastify/busboy', create: (type: string) => new FastifyBusboy({ headers: { 'content-type': type } }) },
];

describe.each([
  { name: 'multer().single()', upload: multer().single('file') },
  { name: 'multer().any()', upload: multer().any() },
  { name: 'multer({ dest }).single()', upload: multer({ dest: directory }).single('file') },
])('$name', ({ upload }) => {
  const claim = (file: Buffer) => async (row: Row) => {
    server = await row.start([upload], answerFile);

    const answers = await askTwice(server, { headers, body: row.encode(formOf(file)) });

    expect(answers.map(({ text }) => JSON.parse(text))).toEqual([parsed(file), parsed(file)]);
  };

  describe.each(files)('a $size file', ({ file, rows }) => {
    test.each(rows)('gives req.body its fields and the file: $host, $order, $what', claim(file));
  });
});

describe('multer', () => {
  test.each(requestRows)('answers a file over its limit with an error: $host, $order, $what', async (row) => {
    server = await row.start([multer({ limits: { fileSize: 10 } }).single('file')], answerFile);

    const { text } = await ask(server, { headers, body: row.encode(formOf(smallFile)) });

    expect(JSON.parse(text).code).toBe('LIMIT_FILE_SIZE');
  });

  test.each(requestRows)('takes the body from its streamHandler: $host, $order, $what', async (row) => {
    const streamHandler = (req: Readable, parser: NodeJS.WritableStream) => req.pipe(parser);
    server = await row.start([multer({ streamHandler } as multer.Options).single('file')], answerFile);

    const { text } = await ask(server, { headers, body: row.encode(formOf(smallFile)) });

    expect(JSON.parse(text)).toEqual(parsed(smallFile));
  });

  const inTime = requestRows.filter(({ what }) => what === 'plain' || what === 'peeked');
  test.each(inTime)('leaves no file of a client that goes away: $host, $order, $what', async (row) => {
    let tell: (error: unknown) => void = () => {};
    const told = new Promise((resolve) => {
      tell = resolve;
    });
    const dest = mkdtempSync(join(directory, 'aborted-'));
    const upload = multer({ dest }).single('file') as (req: unknown, res: unknown, next: unknown) => void;
    const telling: RivalHandler = (req, res) => upload(req, res, tell);
    server = await row.start([telling], answerFile);
    const client = await RawClient.connect(server.port);

    await client.send(postHead(1_000_000, `Content-Type: ${headers['Content-Type']}`));
    await client.send(formOf(largeFile).subarray(0, 200_000));
    while (readdirSync(dest).length === 0) await new Promise(setImmediate);
    client.reset();

    expect(await told).toMatchObject({ message: expect.any(String) });
    expect(readdirSync(dest)).toEqual([]);
  });
});

describe.each(busboys)('$name', ({ create }) => {
  const claim = (file: Buffer, streamOf: (req: Readable & { body: Readable }) => Readable) => async (row: Row) => {
    server = await row.start([], (req, res) => {
      const parser = create(req.headers['content-type'] as string);
      answerParts(parser, res);
      streamOf(req).pipe(parser);
    });

    const answers = await askTwice(server, { headers, body: row.encode(formOf(file)) });

    expect(answers.map(({ text }) => JSON.parse(text))).toEqual([parsed(file), parsed(file)]);
  };

  describe.each(files)('a $size file', ({ file, rows }) => {
    test.each(rows)(
      'reads what is piped from req: $host, $order, $what',
      claim(file, (req) => req),
    );
    test.each(rows.filter(afterPipeBody))(
      'reads what is piped from req.body: $host, $what',
      claim(file, ({ body }) => body),
    );
  });
});
