import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type FormOptions, form, type StorageEngine } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../../support/hosts';
import { multipartBody, type PlainSection } from '../../support/multipart-body';
import { postHead, RawClient } from '../../support/raw-client';

let server: RunningServer;
afterEach(() => server?.close());

const host = hosts[0] as (typeof hosts)[0];
const type = 'multipart/form-data; boundary=bound';

const answer: TestHandler = (req, res) => {
  const { files } = req as never as { files: object[] };
  res.end(JSON.stringify({ files: files.map((file) => ({ ...file })) }));
};

const start = async (options: FormOptions) => {
  server = await host.start(form(options).any() as TestHandler, answer);
};

const post = async (...sections: PlainSection[]) => {
  const body = multipartBody('bound', sections);
  const response = await fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': type } });
  return { status: response.status, ...JSON.parse(await response.text()) };
};

const file = (content: string, contentType?: string): PlainSection => ({
  name: 'a',
  filename: 'a.txt',
  type: contentType,
  content,
});

type Callback = Parameters<StorageEngine['_handleFile']>[2];

/** An engine that reads all and then calls back. */
const engine = (callBack: (callback: Callback) => void): StorageEngine => ({
  _handleFile: (_req, { stream }, callback) => void stream.resume().on('end', () => callBack(callback)),
  _removeFile: (_req, _file, callback) => callback(null),
});

describe("a storage engine of multer's kind in form()", () => {
  test('gives a file what it says of it, and else what multer gives', async () => {
    await start({ storage: engine((callback) => callback(null, { bucket: 'b', key: 'k' } as never)) });

    expect((await post(file('content'))).files).toEqual([
      {
        fieldname: 'a',
        originalname: 'a.txt',
        encoding: '7bit',
        mimetype: 'text/plain',
        size: 7,
        bucket: 'b',
        key: 'k',
      },
    ]);
  });

  test('says how long the thing is that it stored', async () => {
    await start({ storage: engine((callback) => callback(null, { size: 3 })) });

    expect((await post(file('content'))).files).toMatchObject([{ size: 3 }]);
  });

  test('may give the file another stream', async () => {
    const stream = Readable.from([]);
    await start({ storage: engine((callback) => callback(null, { stream })) });

    expect((await post(file('content'))).status).toBe(200);
  });

  test('may call back twice', async () => {
    const storage = engine((callback) => {
      callback(null, {});
      callback(new Error('twice'));
    });
    await start({ storage });

    expect((await post(file('content'))).status).toBe(200);
  });

  test('may call back before it has read the file', async () => {
    const hash = createHash('sha256');
    const storage: StorageEngine = {
      _handleFile(_req, { stream }, callback) {
        stream.pipe(hash);
        callback(null, {});
      },
      _removeFile: (_req, _file, callback) => callback(null),
    };
    await start({ storage });
    const content = 'x'.repeat(300_000);

    expect((await post(file(content), { name: 'b', content: '1' })).files).toMatchObject([{ size: 300_000 }]);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
  });

  test('is told to remove a file that it called stored when the client goes away in the middle of it', async () => {
    let wasStored = () => {};
    const stored = new Promise<void>((resolve) => {
      wasStored = resolve;
    });
    const removed = new Promise((resolve) => {
      const storage: StorageEngine = {
        _handleFile(_req, { stream }, callback) {
          stream.on('data', () => {});
          callback(null, {});
          wasStored();
        },
        _removeFile(_req, { fieldname }, callback) {
          resolve(fieldname);
          callback(null);
        },
      };
      void start({ storage }).then(async () => {
        const body = multipartBody('bound', [file('x'.repeat(100))]);
        const client = await RawClient.connect(server.port);
        await client.send(postHead(body.length, `Content-Type: ${type}`));
        await client.send(body.subarray(0, 120));
        await stored;
        client.reset();
      });
    });

    expect(await removed).toBe('a');
  });
});

describe('a file of form()', () => {
  test.each([
    [undefined, 'text/plain'],
    ['no media type', 'text/plain'],
    ['<b>/x', 'text/plain'],
    ['Image/PNG; x=y', 'image/png'],
  ])('with the Content-Type %j has the media type %s', async (contentType, mimetype) => {
    await start({});

    expect((await post(file('content', contentType))).files).toMatchObject([{ mimetype }]);
  });
});
