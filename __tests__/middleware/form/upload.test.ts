import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import multer from 'multer';
import { diskStorage, type FormOptions, form, type StorageEngine } from 'pipebody';
import { answerError, type Host, hosts, listen, type RunningServer, type TestHandler } from '../../support/hosts';
import { multipartBody } from '../../support/multipart-body';
import { postHead, RawClient } from '../../support/raw-client';

type Filter = NonNullable<FormOptions['fileFilter']>;

const type = 'Content-Type: multipart/form-data; boundary=bound';
const body = multipartBody('bound', [
  { name: 'a', filename: 'a', content: 'x'.repeat(100_000) },
  { name: 'b', filename: 'b', content: 'y'.repeat(100_000) },
]);
/** Up to within the second file. */
const part = body.subarray(0, body.length - 50_000);

/** Without `pipeBody()`: what reads the body is made by form(). */
const bareHost: Host = {
  name: 'node:http alone',
  start: (...[parse]) =>
    listen(
      http.createServer((req, res) => parse?.(req as never, res as never, (error) => answerError(error, res as never))),
    ),
};

let server: RunningServer;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'form-test-'));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const nextTurn = () => new Promise(setImmediate);
const isSecond = (file: { fieldname: string }) => file.fieldname === 'b';
const listenersOf = (...emitters: NodeJS.EventEmitter[]) =>
  emitters.flatMap((emitter) => emitter.eventNames().flatMap((name) => emitter.listeners(name))).length;

/** An engine that stores in the folder, and of the second file never says that it has. */
function engineThatNeverCallsBack(whenAsked: () => void): StorageEngine {
  const engine = multer.diskStorage({ destination: folder }) as unknown as StorageEngine;
  return {
    _handleFile(req, file, callback) {
      if (isSecond(file)) whenAsked();
      else engine._handleFile(req, file, callback);
    },
    _removeFile: (req, file, callback) => engine._removeFile(req, file, callback),
  };
}

/** Who is asked about the second file, and never answers. */
const silent: readonly (readonly [string, (whenAsked: () => void) => FormOptions])[] = [
  [
    'a filter',
    (whenAsked) => ({
      dest: folder,
      fileFilter: (_req, file, callback) => (isSecond(file) ? whenAsked() : callback(null, true)),
    }),
  ],
  [
    'a filter in front of temporary files',
    (whenAsked) => ({
      tempDir: folder,
      fileFilter: (_req, file, callback) => (isSecond(file) ? whenAsked() : callback(null, true)),
    }),
  ],
  [
    'the choice of a name',
    (whenAsked) => ({
      storage: diskStorage({
        destination: folder,
        filename: (_req, file, callback) => (isSecond(file) ? whenAsked() : callback(null, 'a')),
      }),
    }),
  ],
  ['an engine', (whenAsked) => ({ storage: engineThatNeverCallsBack(whenAsked) })],
];

/** Sends bytes, and goes away while somebody is asked about the second file; gives the error, and what was left behind. */
async function leaveWhileAsked(host: Host, options: (whenAsked: () => void) => FormOptions, sent: Buffer) {
  let isAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  let settle: (outcome: { error: unknown; added: number }) => void = () => {};
  const settled = new Promise<{ error: unknown; added: number }>((resolve) => {
    settle = resolve;
  });
  const parse = form(options(() => isAsked())) as TestHandler;
  server = await host.start((req, res, next) => {
    const before = listenersOf(req, req.socket);
    parse(req, res, (error) => {
      settle({ error, added: Math.max(0, listenersOf(req, req.socket) - before) });
      next(error);
    });
  });
  const client = await RawClient.connect(server.port);
  await client.send(postHead(body.length, type));
  await client.send(sent);
  await asked;
  expect(readdirSync(folder)).toHaveLength(1);
  client.reset();
  return settled;
}

describe.each([hosts[0], hosts[1], hosts[3], bareHost] as Host[])('a client that goes away on $name', (host) => {
  test.each(silent)('does not leave a stored file behind while %s is asked and never answers', async (_n, options) => {
    const { error, added } = await leaveWhileAsked(host, options, part);

    expect(error).toMatchObject({ status: 400, type: 'request.aborted', expected: body.length });
    expect((error as { received: number }).received).toBeGreaterThan(100_000);
    expect(added).toBe(0);
    while (readdirSync(folder).length > 0) await nextTurn();
  });

  test.each(silent)('and had sent all leaves nothing either while %s is asked', async (_name, options) => {
    const { error } = await leaveWhileAsked(host, options, body);

    expect(error).toMatchObject({ status: 400, type: 'request.aborted' });
    while (readdirSync(folder).length > 0) await nextTurn();
  });
});

const host = hosts[0] as Host;

test('what an engine has stored when the client is long gone is removed', async () => {
  const errors: unknown[] = [];
  let callBack = () => {};
  let isAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const removed = new Promise((resolve) => {
    const storage: StorageEngine = {
      _handleFile(_req, { stream }, callback) {
        callBack = () => callback(null, { path: 'stored' });
        stream.on('error', () => {}).resume();
        isAsked();
      },
      _removeFile: (_req, { path }, callback) => callback(resolve(path)),
    };
    const parse = form({ storage }) as TestHandler;
    void host
      .start((req, res) => parse(req, res, (error) => errors.push(error)))
      .then(async (started) => {
        server = started;
        const client = await RawClient.connect(server.port);
        await client.send(Buffer.concat([Buffer.from(postHead(body.length, type)), part]));
        await asked;
        client.reset();
        while (errors.length === 0) await nextTurn();
        callBack();
      });
  });

  expect(await removed).toBe('stored');
  expect(errors).toMatchObject([{ type: 'request.aborted' }]);
});

test('an engine that never says whether it has removed a file keeps neither the others nor the error', async () => {
  const removed: string[] = [];
  let isAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const storage: StorageEngine = {
    _handleFile: (_req, { stream }, callback) => void stream.resume().on('end', () => callback(null, {})),
    _removeFile: (_req, { fieldname }) => void removed.push(fieldname),
  };
  const fileFilter: Filter = (_req, { fieldname }, callback) => (fieldname === 'c' ? isAsked() : callback(null, true));
  const parse = form({ storage, fileFilter }) as TestHandler;
  const failed = new Promise((resolve) => {
    void host
      .start((req, res) => parse(req, res, resolve))
      .then(async (started) => {
        server = started;
        const files = ['a', 'b', 'c'].map((name) => ({ name, filename: name, content: name }));
        const bytes = multipartBody('bound', files);
        const client = await RawClient.connect(server.port);
        await client.send(Buffer.concat([Buffer.from(postHead(bytes.length, type)), bytes]));
        await asked;
        client.reset();
      });
  });

  expect(await failed).toMatchObject({ type: 'request.aborted' });
  expect(removed).toEqual(['a', 'b']);
});

test('a response that is finished while a filter is asked ends the wait, and nothing is left', async () => {
  const parse = form({
    dest: folder,
    fileFilter: (req, file, callback) => {
      if (!isSecond(file)) callback(null, true);
      else (req as unknown as { res: { end(text: string): void } }).res.end('too late');
    },
  }) as TestHandler;
  let failed: unknown;
  server = await host.start((req, res) => {
    parse(req, res, (error) => {
      failed = error;
    });
  });
  const client = await RawClient.connect(server.port);
  await client.send(Buffer.concat([Buffer.from(postHead(body.length, type)), part]));
  await client.responses(1);

  while (failed === undefined) await nextTurn();
  expect(failed).toMatchObject({ type: 'request.discarded' });
  expect(readdirSync(folder)).toEqual([]);
  client.reset();
});

test('a response that is finished while a form is read is told, and nothing is left', async () => {
  const parse = form({
    dest: folder,
    onProgress: (_received, _expected, req) =>
      (req as unknown as { res: { end(text: string): void } }).res.end('early'),
  }) as TestHandler;
  let failed: unknown;
  server = await host.start((req, res) => {
    parse(req, res, (error) => {
      failed = error;
    });
  });
  const client = await RawClient.connect(server.port);
  await client.send(Buffer.concat([Buffer.from(postHead(body.length, type)), part]));
  await client.responses(1);

  while (failed === undefined) await nextTurn();
  expect(failed).toMatchObject({ type: 'request.discarded' });
  expect(readdirSync(folder)).toEqual([]);
  client.reset();
});

describe('while a filter takes its time', () => {
  const large = multipartBody('bound', [
    { name: 'a', content: 'é' },
    { name: 'b', filename: 'b', content: Buffer.alloc(3_000_000, 'some bytes\r\n--boun') },
    { name: 'c', filename: 'c', content: 'c' },
    { name: 'd', content: 'last' },
  ]);
  const slowly = (turns: number, error?: Error): Filter => {
    return async (_req, _file, callback) => {
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      callback(error ?? null, true);
    };
  };
  const answer: TestHandler = (req, res) => {
    const { files, body: fields } = req as never as { files: { sha256: string }[]; body: object };
    res.end(JSON.stringify([fields, files.map(({ sha256 }) => sha256)]));
  };
  const read = async (fileFilter: Filter, bytes: Buffer) => {
    server = await host.start(form({ tempDir: folder, sha256: true, fileFilter }) as TestHandler, answer);
    const headers = { 'Content-Type': 'multipart/form-data; boundary=bound' };
    const response = await fetch(server.url, { method: 'POST', body: bytes, headers });
    return JSON.parse(await response.text());
  };

  test.each([0, 1, 2, 5, 50, 500])('what comes meanwhile is read, after %i turns as at once', async (turns) => {
    const expected = await read((_req, _file, callback) => callback(null, true), large);
    await server.close();

    expect(await read(slowly(turns), large)).toEqual(expected);
  });

  test('a body in two pieces is read wherever it is cut', async () => {
    const small = multipartBody('bound', [
      { name: 'a', content: '1' },
      { name: 'b', filename: 'b', content: 'content' },
      { name: 'c', filename: 'c', content: '' },
    ]);
    const expected = await read((_req, _file, callback) => callback(null, true), small);
    await server.close();
    await read(slowly(3), small);

    for (let at = 1; at < small.length; at += 1) {
      const client = await RawClient.connect(server.port);
      await client.send(Buffer.concat([Buffer.from(postHead(small.length, type)), small.subarray(0, at)]));
      await nextTurn();
      await nextTurn();
      await client.send(small.subarray(at));
      expect(JSON.parse((await client.responses(1))[0] as string)).toEqual(expected);
      client.reset();
    }
  });

  test('and refuses the file, the connection goes on', async () => {
    server = await host.start(
      form({ tempDir: folder, fileFilter: slowly(200, new Error('no')) }) as TestHandler,
      answer,
    );
    const client = await RawClient.connect(server.port);

    for (let turn = 1; turn <= 3; turn += 1) {
      await client.send(Buffer.concat([Buffer.from(postHead(large.length, type)), large]));
      expect((await client.responses(turn))[turn - 1]).toContain('no');
    }
    client.reset();
  });
});
