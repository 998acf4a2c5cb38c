import type http from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import compression from 'compression';
import { expectTypeOf } from 'expect-type';
import express from 'express';
import multer from 'multer';
import * as pipebody from 'pipebody';
import {
  type CompressOptions,
  compress,
  createServer,
  decompress,
  diskStorage,
  type FlushResult,
  form,
  json,
  lines,
  memoryStorage,
  messageClasses,
  Pipe,
  PipeReader,
  PipeWriter,
  pipeBody,
  ReadOnlySequence,
  type ReadResult,
  raw,
  text,
  urlencoded,
} from 'pipebody';
import * as pipelines from 'pipebody/pipelines';
import { z } from 'zod';

// Checked by tsc; what runs is only that the names are there.

test('pipebody gives the same classes as pipebody/pipelines, under the same types', () => {
  const all: Record<string, unknown> = { ...pipebody };
  for (const [name, value] of Object.entries(pipelines)) expect(all[name]).toBe(value);
  expectTypeOf<pipelines.PipeReader>().toEqualTypeOf<PipeReader>();
});

test('pipes have the types of the contract', () => {
  expectTypeOf<Pipe['reader']>().toEqualTypeOf<PipeReader>();
  expectTypeOf<Pipe['writer']>().toEqualTypeOf<PipeWriter>();
  expectTypeOf<PipeReader['read']>().returns.toEqualTypeOf<Promise<ReadResult>>();
  expectTypeOf<PipeReader['tryRead']>().returns.toEqualTypeOf<ReadResult | undefined>();
  expectTypeOf<PipeReader['complete']>().parameters.toEqualTypeOf<[unknown?]>();
  expectTypeOf<PipeReader['asStream']>().returns.toEqualTypeOf<Readable>();
  expectTypeOf<PipeReader['asWebStream']>().returns.toEqualTypeOf<ReadableStream<Uint8Array>>();
  expectTypeOf<PipeWriter['getMemory']>().toEqualTypeOf<(sizeHint?: number) => Buffer>();
  expectTypeOf<PipeWriter['flush']>().returns.toEqualTypeOf<Promise<FlushResult>>();
  expectTypeOf<PipeWriter['unflushedBytes']>().toEqualTypeOf<number>();
  expectTypeOf<PipeWriter['asStream']>().returns.toEqualTypeOf<Writable>();
  expectTypeOf<PipeWriter['asWebStream']>().returns.toEqualTypeOf<WritableStream<Uint8Array>>();
  expect(new Pipe().reader).toBeInstanceOf(PipeReader);
  expect(new Pipe().writer).toBeInstanceOf(PipeWriter);
});

test('an offset is no position, and a position no offset', () => {
  const sequence = ReadOnlySequence.from(Buffer.from('abc'));
  const { reader } = new Pipe();

  // @ts-expect-error: advanceTo takes positions only.
  expect(() => reader.advanceTo(1)).toThrow();
  // @ts-expect-error: at takes offsets only.
  expect(sequence.at(sequence.start)).toBeUndefined();
});

test('middleware fits Express, and its members are on its requests and responses', () => {
  const app = express();
  app.use(pipeBody(), json(), lines());
  app.get('/', (req, res) => {
    expectTypeOf(req.bodyReader).toEqualTypeOf<PipeReader>();
    expectTypeOf(res.bodyWriter).toEqualTypeOf<PipeWriter>();
    expectTypeOf(res.body).toEqualTypeOf<Writable>();
  });
  expectTypeOf(createServer(app)).toEqualTypeOf<http.Server>();
  expect(Object.keys(messageClasses(app))).toEqual(['IncomingMessage', 'ServerResponse']);
});

test('req.body has the type that a schema or json<Type>() gives it, and params keep theirs', () => {
  const app = express();
  app.post('/:id', json<{ amount: number }>(), (req) => {
    expectTypeOf(req.body).toEqualTypeOf<{ amount: number }>();
    expectTypeOf(req.params.id).toEqualTypeOf<string>();
  });
  app.post('/', json<string[]>({ strict: true }), (req) => expectTypeOf(req.body).toEqualTypeOf<string[]>());
  app.post('/:id', json({ schema: z.object({ amount: z.number() }) }), (req) => {
    expectTypeOf(req.body).toEqualTypeOf<{ amount: number }>();
    expectTypeOf(req.params.id).toEqualTypeOf<string>();
  });
  app.post('/', json(), urlencoded(), (req) => expectTypeOf(req.body).toBeAny());
  expect(json<number>({ strict: false })).toHaveLength(3);
});

test('options take undefined for what is left open, as those of body-parser', () => {
  const limit = process.env['LIMIT_OF_NO_PROGRAM'];
  const shared = { limit, type: undefined, inflate: undefined, verify: undefined, maxRatio: undefined };

  json({ ...shared, strict: undefined, reviver: undefined, schema: undefined, onProtoPoisoning: undefined });
  urlencoded({
    ...shared,
    extended: undefined,
    parameterLimit: undefined,
    depth: undefined,
    defaultCharset: undefined,
  });
  text({ ...shared, defaultCharset: undefined, rawBody: undefined });
  raw({ ...shared, allowUnsafeBrotli: undefined });
  decompress({ limit, maxRatio: undefined });
  // @ts-expect-error: only programs without types say null, which is none.
  expect(json(null)).toBeInstanceOf(Function);
  // @ts-expect-error: a limit is a size.
  expect(() => json({ limit: true })).toThrow(TypeError);
});

test("compress() takes what was written for compression, with compression's types", () => {
  type Named<Options> = keyof { [Name in keyof Options as string extends Name ? never : Name]: true };
  expectTypeOf<Named<compression.CompressionOptions>>().toExtend<keyof CompressOptions>();
  const unset = { chunkSize: undefined, filter: undefined, brotli: undefined, enforceEncoding: undefined };
  const options: compression.CompressionOptions = { ...unset, level: 1, memLevel: 8, strategy: 0, threshold: '1kb' };
  const filter: compression.CompressionFilter = (req, res) => req.ip !== '' && compression.filter(req, res);
  const named = { enforceEncoding: 'gzip', filter, windowBits: 15, brotli: { params: {} } };

  express().use(compress(options), compress(named), compress({ ...named, filter: compress.filter }));

  // @ts-expect-error: a level is a number.
  expect(() => compress({ level: 'best' })).toThrow();
  // @ts-expect-error: no coding that there is.
  expect(() => compress({ encodings: ['lzw'] })).toThrow(TypeError);
  express().get('/', (_req, res) => expectTypeOf(res.flush).toBeCallableWith());
});

test("form() takes what was written for multer, with multer's types", () => {
  const filename = (_req: express.Request, file: Express.Multer.File, done: (error: null, name: string) => void) =>
    done(null, file.fieldname);
  const fileFilter = (_req: express.Request, file: Express.Multer.File, done: multer.FileFilterCallback) =>
    done(null, file.mimetype === 'image/png');
  form({ storage: memoryStorage(), fileFilter, limits: (_req: express.Request) => ({ files: 1 }) });
  form({ storage: multer.memoryStorage() });
  form({ storage: multer.diskStorage({}) });
  const upload = form({ storage: diskStorage({ filename, destination: (_req, _file, done) => done(null, '/tmp') }) });
  express().post('/', upload.single('avatar'), upload.any(), (req) => {
    expectTypeOf(req.file).toEqualTypeOf<Express.Multer.File | undefined>();
    expectTypeOf(req.file?.moveTo).toEqualTypeOf<((path: string) => Promise<void>) | undefined>();
    const files = req.files as { [field: string]: Express.Multer.File[] };
    expectTypeOf(files['avatar']?.[0]?.path).toEqualTypeOf<string | undefined>();
  });
  expect(upload).toHaveProperty('fields');
});
