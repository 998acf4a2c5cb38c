import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RawClient } from '../support/raw-client';
import { formOf, type RunningSample, startSample } from '../support/sample';

const folder = mkdtempSync(join(tmpdir(), 'page-test-'));
let sample: RunningSample;
let url: string;

beforeAll(async () => {
  sample = await startSample('page', { UPLOAD_DIR: folder });
  ({ url } = sample);
});

afterAll(async () => {
  await sample.stop();
  rmSync(folder, { recursive: true });
});

const text = 'one\ntwo\r\nthree';
const plain = { 'Content-Type': 'text/plain' };
const post = (path: string, body: string | Buffer, headers: Record<string, string>) =>
  fetch(url + path, { method: 'POST', body, headers }).then((response) => response.json());

describe('the tour', () => {
  test('prints its address and a curl line for each part', () => {
    expect(sample.curlLines).toHaveLength(8);
  });

  test.each(['/lines', '/ready-made-lines'])('POST %s answers the lines of a text', async (path) => {
    expect(await post(path, text, plain)).toEqual(['one', 'two', 'three']);
  });

  test.each(['/lines', '/ready-made-lines'])('POST %s answers the lines of a gzip text', async (path) => {
    expect(await post(path, gzipSync(text), { ...plain, 'Content-Encoding': 'gzip' })).toEqual(['one', 'two', 'three']);
  });

  test.each(['/json', '/old-json'])('POST %s answers the JSON that it parsed, gzip or not', async (path) => {
    const headers = { 'Content-Type': 'application/json' };

    expect(await post(path, '{"a":1}', headers)).toEqual({ a: 1 });
    expect(await post(path, gzipSync('{"a":1}'), { ...headers, 'Content-Encoding': 'gzip' })).toEqual({ a: 1 });
  });

  test.each([
    ['/hello', 'Hello from a pipe.\n'],
    ['/hello-json', '{"hello":"from res.json"}'],
  ])('GET %s is compressed for who asks for it', async (path, expected) => {
    const compressed = await fetch(url + path, { headers: { 'Accept-Encoding': 'gzip' } });
    const identity = await fetch(url + path, { headers: { 'Accept-Encoding': 'identity' } });

    expect([compressed.headers.get('Content-Encoding'), await compressed.text()]).toEqual(['gzip', expected]);
    expect([identity.headers.get('Content-Encoding'), await identity.text()]).toEqual([null, expected]);
  });
});

/** What the page is told, as it is told it. */
async function* reports(): AsyncGenerator<Record<string, unknown>> {
  const { body } = await fetch(`${url}/events`);
  let rest = '';
  for await (const chunk of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split('\n\n');
    rest = events.pop() as string;
    for (const event of events) if (event.startsWith('data: ')) yield JSON.parse(event.slice('data: '.length));
  }
}

/** The first report of a request that answers the question; `act` runs once the page listens. */
async function reportOf(id: string, answers: (facts: Record<string, unknown>) => boolean, act: () => void) {
  const stream = reports();
  const first = stream.next();
  // Requests are answered in their order of arrival: the answer to this one comes after the page listens.
  await fetch(`${url}/uploads`);
  act();
  for (let { value, done } = await first; !done; { value, done } = await stream.next()) {
    if (value?.['id'] === id && answers(value)) {
      await stream.return(undefined);
      return value;
    }
  }
  return undefined;
}

const hello = {
  originalname: 'a.txt',
  size: 5,
  sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
};

describe('uploads of the page', () => {
  afterEach(() => fetch(`${url}/uploads`, { method: 'DELETE' }));

  test('a file is kept, and answered with its size and SHA-256', async () => {
    const response = await fetch(`${url}/uploads/one`, { method: 'POST', body: formOf('hello') });

    expect(await response.json()).toEqual([hello]);
    expect(await (await fetch(`${url}/uploads`)).json()).toEqual([hello]);
    expect(await readdir(folder)).toHaveLength(1);
  });

  test('a form that the browser compressed is decoded', async () => {
    const plainForm = new Response(formOf('hello'));
    const headers = { 'Content-Type': plainForm.headers.get('Content-Type') as string, 'Content-Encoding': 'gzip' };
    const body = gzipSync(Buffer.from(await plainForm.arrayBuffer()));

    expect(await (await fetch(`${url}/uploads/two`, { method: 'POST', headers, body })).json()).toEqual([hello]);
  });

  test('the page is told the bytes that the server received', async () => {
    const body = formOf(Buffer.alloc(1_000_000));

    let upload: Promise<unknown> | undefined;
    const told = await reportOf(
      'three',
      ({ received }) => Number(received) > 0,
      () => {
        upload = fetch(`${url}/uploads/three`, { method: 'POST', body });
      },
    );
    await upload;

    expect(told).toEqual({ id: 'three', received: expect.any(Number), expected: expect.any(Number) });
  });

  test('an upload that is cancelled leaves no file, and the page is told so', async () => {
    const client = await RawClient.connect(sample.port);
    const start = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';

    const isUnderWay = reportOf(
      'four',
      ({ received }) => Number(received) > 0,
      () => {
        void client.send(
          `POST /uploads/four HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n\r\n${start}${'x'.repeat(300_000)}`,
        );
      },
    );
    await isUnderWay;
    const told = await reportOf(
      'four',
      ({ failed }) => failed !== undefined,
      () => client.reset(),
    );

    expect(told).toEqual({ id: 'four', failed: 'request.aborted' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('what another site makes the browser send is refused', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site' };

    expect((await fetch(`${url}/uploads/five`, { method: 'POST', headers, body: formOf('hello') })).status).toBe(403);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('lines of the page', () => {
  test.each([
    ['plain', (body: string) => Buffer.from(body), {}],
    ['gzip', gzipSync, { 'Content-Encoding': 'gzip' }],
  ])('are counted, %s', async (_name, encode, coding) => {
    const body = encode('one\ntwo\r\nthree'.repeat(1000));

    expect(await post('/line-counts/a', body, { ...plain, ...coding })).toEqual({ lines: 2001, longest: 8 });
  });
});

describe('tokens of the page', () => {
  test.each(['br', 'gzip'])('arrive one by one through %s', async (coding) => {
    const response = await fetch(`${url}/tokens/a?count=3&coding=${coding}`, {
      headers: { 'Accept-Encoding': coding },
    });
    const pieces: string[] = [];
    for await (const piece of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      pieces.push(piece);
    }

    expect(response.headers.get('Content-Encoding')).toBe(coding);
    expect(pieces).toEqual(['data: {"token":"A"}\n\n', 'data: {"token":" body"}\n\n', 'data: {"token":" is"}\n\n']);
  });

  test('are lines of JSON for who asks for them', async () => {
    const response = await fetch(`${url}/tokens/b?count=2&coding=identity&format=ndjson`);

    expect(response.headers.get('Content-Encoding')).toBeNull();
    expect(await response.text()).toBe('{"token":"A"}\n{"token":" body"}\n');
  });

  test('are not made for a client that has left', async () => {
    const controller = new AbortController();

    const told = await reportOf(
      'c',
      ({ stopped }) => stopped === true,
      async () => {
        const { body } = await fetch(`${url}/tokens/c?count=10000`, { signal: controller.signal });
        await (body as ReadableStream<Uint8Array>).getReader().read();
        controller.abort();
      },
    );

    expect(Number(told?.['tokens'])).toBeLessThan(10_000);
  });
});

describe('limits of the page', () => {
  const asJson = { 'Content-Type': 'application/json' };
  const asGzip = { ...asJson, 'Content-Encoding': 'gzip' };

  test.each([
    ['a body that is too long', 'json', asJson, JSON.stringify('x'.repeat(1023)), 413, 'entity.too.large'],
    ['no JSON', 'json', asJson, '{"a": 1,}', 400, 'entity.parse.failed'],
    ['a line that is too long', 'lines', plain, 'x'.repeat(81), 413, 'line.too.long'],
    ['a bomb', 'gzip', asGzip, gzipSync(Buffer.alloc(4_194_304)), 413, 'entity.too.large'],
    ['gzip that breaks off', 'gzip', asGzip, gzipSync('{"a": 1}').subarray(0, -4), 400, 'entity.decode.failed'],
    ['an unknown coding', 'gzip', { ...asJson, 'Content-Encoding': 'rot13' }, '{}', 415, 'encoding.unsupported'],
  ])('%s is answered with its error', async (_name, path, headers, body, status, type) => {
    const answer = await post(`/limits/${path}`, body, headers);

    expect(answer).toMatchObject({ status, type, message: expect.any(String) });
  });
});

describe('the page', () => {
  const files = resolve(__dirname, '../../samples/page');
  const html = readFileSync(join(files, 'index.html'), 'utf8');
  const modules = [...html.matchAll(/src="([^"]+)"/g)].map(([, path]) => path as string);

  test('loads nothing from elsewhere, and everything it asks for is there', async () => {
    const sources = ['uploads', 'lines', 'tokens', 'limits'].map((name) => `${name}.mjs`);
    const imported = [...modules, ...sources].flatMap((name) =>
      [...readFileSync(join(files, name), 'utf8').matchAll(/(?:from|import) '\.\/([^']+)'/g)].map(([, path]) => path),
    );
    const statuses = await Promise.all(
      ['', 'style.css', 'icon.svg', ...modules, ...imported].map(
        async (path) => (await fetch(`${url}/${path}`)).status,
      ),
    );

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect((await fetch(url)).headers.get('Content-Security-Policy')).toBe("default-src 'self'");
  });

  test('has a label for every control', () => {
    const controls = [...html.matchAll(/<(?:input|textarea)[^>]* id="([^"]+)"/g)].map(([, id]) => id as string);
    const unlabelled = controls.filter(
      (id) => !html.includes(`for="${id}"`) && !new RegExp(`<label class="choice"><input id="${id}"`).test(html),
    );

    expect(controls.length).toBeGreaterThan(5);
    expect(unlabelled).toEqual([]);
  });

  test('has every element that its modules look for', () => {
    const looked = ['page', 'uploads', 'lines', 'tokens', 'limits'].flatMap((name) =>
      [...readFileSync(join(files, `${name}.mjs`), 'utf8').matchAll(/(?:bySelector|querySelector)\('#([\w-]+)/g)].map(
        ([, id]) => id as string,
      ),
    );

    expect(looked.length).toBeGreaterThan(15);
    expect(looked.filter((id) => !html.includes(`id="${id}"`))).toEqual([]);
  });
});
