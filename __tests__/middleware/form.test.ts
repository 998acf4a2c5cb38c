import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import multer from 'multer';
import { decompress, diskStorage, type FormHandler, type FormOptions, form, memoryStorage } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { multipartBody, type PlainSection } from '../support/multipart-body';
import { postHead, RawClient } from '../support/raw-client';
import { readAll } from '../support/read-all';

let server: RunningServer;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'form-test-'));
});
afterEach(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const type = 'multipart/form-data; boundary="bound"';
const host = hosts[0] as (typeof hosts)[0];

const post = async (sections: readonly PlainSection[] | Buffer | string, contentType = type) => {
  const body = Array.isArray(sections) ? multipartBody('bound', sections) : (sections as Buffer);
  const response = await fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': contentType } });
  return { status: response.status, ...JSON.parse(await response.text()) };
};

const answer: TestHandler = (req, res) => {
  const { body, file, files } = req as never as { body: unknown; file: unknown; files: unknown };
  res.end(JSON.stringify({ body, file, files }));
};

const start = (make: (form: FormHandler) => unknown = (all) => all, options: FormOptions = {}) =>
  host.start(make(form({ tempDir: folder, ...options })) as TestHandler, answer);

/** Waits for what the middleware does after the response. */
const emptied = async () => {
  while (readdirSync(folder).length > 0) await new Promise(setImmediate);
};

const someForm: PlainSection[] = [
  { name: 'a[b][]', content: 'é' },
  { name: 'a[b][]', content: '2' },
  { name: 'avatar', filename: 'x/y\\é.txt', type: 'text/plain', content: 'content' },
  { name: 'none', filename: '', content: '' },
];

describe.each(hosts)('form() on $name', (host) => {
  test('refuses a body that is announced to be too long before a byte of it has come', async () => {
    server = await host.start(form({ limits: { totalSize: 100 } }) as TestHandler, answer);
    const client = await RawClient.connect(server.port);

    await client.send(postHead(101, `Content-Type: ${type}`));

    expect(await client.until((received) => received.includes('too.large'))).toMatch(/^HTTP\/1.1 413 /);
    client.reset();
  });

  test('gives the handler fields and files as multer does', async () => {
    server = await host.start(form() as TestHandler, answer);

    const { status, body, files } = await post(someForm);

    expect([status, body]).toEqual([200, { a: { b: ['é', '2'] } }]);
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({
      fieldname: 'avatar',
      originalname: 'é.txt',
      encoding: '7bit',
      mimetype: 'text/plain',
      size: 7,
    });
  });

  test('reads a urlencoded form', async () => {
    server = await host.start(form() as TestHandler, answer);

    const { body } = await post('a[]=1&b=%C3%A9+x', 'application/x-www-form-urlencoded');

    expect(body).toEqual({ a: ['1'], b: 'é x' });
  });

  test('refuses a body that is cut off anywhere, and never runs the handler on it', async () => {
    let ranOn: unknown;
    server = await host.start(form() as TestHandler, (req, res) => {
      ranOn = req.body;
      res.end('{}');
    });
    const body = multipartBody('bound', someForm);

    for (let end = 1; end < body.length - 4; end += 7) {
      expect(await post(body.subarray(0, end))).toMatchObject({ status: 400, type: 'multipart.truncated' });
    }
    expect(ranOn).toBeUndefined();
  });
});

describe('form()', () => {
  test('goes on without touching a request that is no form', async () => {
    server = await start();

    expect(await post('{}', 'application/json')).toEqual({ status: 200, body: expect.anything() });
  });

  test('single(), array(), fields(), none() and any() take the files that multer takes', async () => {
    const files = (...names: string[]) => names.map((name) => ({ name, filename: 'f', content: name }));
    const makers: ((all: FormHandler | multer.Multer) => unknown)[] = [
      (all) => all.single('a'),
      (all) => all.array('a', 2),
      (all) => all.fields([{ name: 'a', maxCount: 1 }, { name: 'b' }]),
      (all) => all.none(),
      (all) => all.any(),
    ];
    for (const make of makers) {
      for (const sections of [
        [],
        files('a'),
        files('b'),
        files('a', 'a'),
        files('a', 'b', 'b'),
        files('a', 'a', 'a'),
      ]) {
        const answers = [];
        for (const all of [form(), multer()]) {
          server = await host.start(make(all) as TestHandler, answer);
          const { status, code, file, files } = await post([...sections, { name: 'x', content: '1' }]);
          answers.push({ failed: status !== 200, code, file: file?.size, files: JSON.stringify(files)?.length > 2 });
          await server.close();
        }
        expect(answers[0]).toEqual(answers[1]);
      }
    }
  });

  test('keeps a file up to the threshold in memory and a larger one in a file of its owner, until the response', async () => {
    const seen: unknown[] = [];
    server = await host.start(
      form({ tempDir: folder, memoryThreshold: 4, sha256: true }) as TestHandler,
      (async (req: never, res: { end(text: string): void }) => {
        for (const file of (req as { files: never[] }).files as import('pipebody').UploadedFile[]) {
          const mode = file.path === undefined ? undefined : statSync(file.path).mode & 0o777;
          seen.push([String(await readAll(file.bodyReader())), file.buffer?.length, mode, file.sha256?.slice(0, 8)]);
        }
        res.end('{}');
      }) as never,
    );

    await post([
      { name: 'a', filename: 'a', content: '1234' },
      { name: 'b', filename: 'b', content: '12345' },
    ]);

    expect(seen).toEqual([
      ['1234', 4, undefined, '03ac6742'],
      ['12345', undefined, 0o600, '5994471a'],
    ]);
    await emptied();
  });

  test('leaves a file that was moved away where it is', async () => {
    const kept = join(mkdtempSync(join(tmpdir(), 'form-kept-')), 'kept');
    server = await host.start(
      form({ tempDir: folder, memoryThreshold: 0 }).single('a') as TestHandler,
      (async (req: { file: import('pipebody').UploadedFile }, res: { end(text: string): void }) => {
        await req.file.moveTo(kept);
        res.end('{}');
      }) as never,
    );

    await post([{ name: 'a', filename: 'a', content: 'content' }]);
    await emptied();

    expect(readFileSync(kept, 'utf8')).toBe('content');
    rmSync(kept);
  });

  test.each([
    ['a request that succeeded', 200, 1],
    ['a request that failed', 500, 0],
  ])('"dest" after %s', async (_name, status, count) => {
    server = await host.start(form({ dest: folder }).any() as TestHandler, (_req, res) => {
      res.statusCode = status;
      res.end('{}');
    });

    await post([{ name: 'a', filename: 'a', content: 'content' }]);
    await server.close();
    while (readdirSync(folder).length > count) await new Promise(setImmediate);

    expect(readdirSync(folder)).toHaveLength(count);
  });

  test('removes every file when the client goes away, wherever it does', async () => {
    const errors: unknown[] = [];
    const parse = form({ tempDir: folder, memoryThreshold: 2 }) as TestHandler;
    server = await host.start((req, res, next) => {
      parse(req, res, (error) => {
        errors.push(error);
        next(error);
      });
    }, answer);
    const body = multipartBody('bound', [...someForm, { name: 'b', filename: 'b', content: 'x'.repeat(100) }]);
    let requests = 0;
    for (let end = 0; end < body.length; end += 13) {
      const client = await RawClient.connect(server.port);
      await client.send(postHead(body.length, `Content-Type: ${type}`));
      await client.send(body.subarray(0, end));
      await new Promise(setImmediate);
      client.reset();
      requests += 1;
    }
    while (errors.length < requests) await new Promise(setImmediate);

    expect(errors).toEqual(errors.map(() => expect.objectContaining({ status: 400, type: 'request.aborted' })));
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    [{ parts: 4 }, { parts: 3 }, 'LIMIT_PART_COUNT'],
    [{ fields: 2 }, { fields: 1 }, 'LIMIT_FIELD_COUNT'],
    [{ files: 1 }, { files: 0 }, 'LIMIT_FILE_COUNT'],
    [{ fieldNameSize: 6 }, { fieldNameSize: 5 }, 'LIMIT_FIELD_KEY'],
    [{ fieldSize: 2 }, { fieldSize: 1 }, 'LIMIT_FIELD_VALUE'],
    [{ fileSize: 7 }, { fileSize: 6 }, 'LIMIT_FILE_SIZE'],
  ])('passes %j and refuses %j', async (limits, tooLow, code) => {
    server = await start(undefined, { limits });
    expect(await post(someForm)).toMatchObject({ status: 200 });
    await server.close();

    server = await start(undefined, { limits: () => tooLow, memoryThreshold: 1 });
    expect(await post(someForm)).toMatchObject({ status: 413, code });
    await emptied();
  });

  test('refuses limits and storages that are none', () => {
    expect(() => form({ limits: { fileSize: Number.NaN } })).toThrow(RangeError);
    expect(() => form({ limits: { parts: -1 } })).toThrow(RangeError);
    expect(() => form({ storage: {} as never })).toThrow(TypeError);
  });

  test.each([
    ['memoryStorage()', () => memoryStorage()],
    ["multer's memoryStorage()", () => multer.memoryStorage()],
    ['diskStorage()', () => diskStorage({ destination: (_q, _f, done) => done(null, folder) })],
    ["multer's diskStorage()", () => multer.diskStorage({ destination: (_q, _f, done) => done(null, folder) })],
  ])('stores files by %s', async (_name, storage) => {
    server = await start((all) => all.single('avatar'), { storage: storage() as never });

    const { file } = await post(someForm);

    const content = file.buffer ? Buffer.from(file.buffer.data) : readFileSync(join(file.destination, file.filename));
    expect([String(content), file.size]).toEqual(['content', 7]);
  });

  test('a file that a filter leaves out is not stored, and one that fails ends the request', async () => {
    server = await start(undefined, { fileFilter: (_req, _file, done) => done(null, false) });
    expect((await post(someForm)).files).toEqual([]);
    await server.close();

    server = await start(undefined, { fileFilter: (_req, _file, done) => done(new Error('no')) });
    expect(await post(someForm)).toMatchObject({ status: 500, message: 'no' });
  });

  test('fails when the folder for temporary files is gone, and the next form is read', async () => {
    server = await start(undefined, { memoryThreshold: 1 });
    rmSync(folder, { recursive: true });

    expect(await post(someForm)).toMatchObject({ status: 500, code: 'ENOENT' });
    expect(await post([{ name: 'a', content: '1' }])).toMatchObject({ status: 200, body: { a: '1' } });
  });

  test('sweeps the files of processes that died, and no others', async () => {
    const { newTempFile, sweepTempFiles } = require('../../src/streams/temp-files');
    const live = newTempFile(folder);
    const [, , , pid] = live.split('/').pop().split('-');
    const names = [
      live,
      live.replace(`-${pid}-`, '-4194399-'),
      live.replace(/pipebody-[0-9a-f]{8}/, 'pipebody-00000000'),
    ];
    for (const name of names) writeFileSync(name, '');

    sweepTempFiles(folder);

    while (readdirSync(folder).length > 2) await new Promise(setImmediate);
    expect(
      readdirSync(folder)
        .map((name) => join(folder, name))
        .sort(),
    ).toEqual([names[0], names[2]].sort());
  });

  test('refuses names that would build deep or sparse values, and keeps dangerous ones harmless', async () => {
    server = await start();

    expect(await post([{ name: `a${'[a]'.repeat(33)}`, content: '1' }])).toMatchObject({
      status: 400,
      code: 'LIMIT_FIELD_NESTING',
    });
    expect(await post([{ name: 'a[1001]', content: '1' }])).toMatchObject({ code: 'LIMIT_FIELD_ARRAY_INDEX' });
    await post([
      { name: '__proto__[x]', content: '1' },
      { name: 'constructor[prototype][x]', content: '1' },
    ]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('reads 25,000 empty parts', async () => {
    server = await start((all) => all.none(), { limits: { parts: 25_000, fields: 25_000 } });
    const body = `${'--bound\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'.repeat(25_000)}--bound--`;

    expect((await post(body)).body.a).toHaveLength(25_000);
  });
});

describe.each([
  ['form() alone', [] as TestHandler[]],
  ['form() behind decompress()', [decompress() as TestHandler]],
])('%s', (_name, before) => {
  test('reads an upload that came gzipped', async () => {
    server = await host.start(...before, form() as unknown as TestHandler, (req, res) => {
      const [file] = (req as unknown as { files: { buffer: Buffer }[] }).files;
      res.end(`${req.body.title} ${file?.buffer}`);
    });
    const upload = new FormData();
    upload.append('title', 'é');
    upload.append('file', new Blob(['hello']), 'a.txt');
    const plain = new Response(upload);

    const response = await fetch(server.url, {
      method: 'POST',
      body: gzipSync(Buffer.from(await plain.arrayBuffer())),
      headers: { 'Content-Type': plain.headers.get('content-type') as string, 'Content-Encoding': 'gzip' },
    });

    expect(await response.text()).toBe('é hello');
  });
});
