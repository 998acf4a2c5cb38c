import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { diskStorage, form, type PipeRequest, type UploadedFile } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../../support/hosts';
import { multipartBody } from '../../support/multipart-body';
import { postHead, RawClient } from '../../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

const body = multipartBody('bound', [
  { name: 'a', content: '1' },
  { name: 'file', filename: 'x', content: 'x'.repeat(200_000) },
]);
const headers = { 'Content-Type': 'multipart/form-data; boundary=bound' };
const headerLine = `Content-Type: ${headers['Content-Type']}`;

describe.each(hosts)('onProgress of form() on $name', (host) => {
  test.each([
    ['a length', body, body.length],
    ['none', new Blob([body]).stream(), undefined],
  ])('is told the bytes received, of a body that announces %s', async (_what, sent, expected) => {
    const told: [number, number | undefined, string | undefined][] = [];
    const onProgress = (received: number, total: number | undefined, { url }: { url?: string | undefined }) =>
      told.push([received, total, url]);
    server = await host.start(form({ onProgress }) as TestHandler, (req: PipeRequest, res) =>
      res.end(JSON.stringify(req.body)),
    );

    const response = await fetch(`${server.url}/upload`, {
      method: 'POST',
      headers,
      body: sent,
      duplex: 'half',
    } as never);

    expect(await response.json()).toEqual({ a: '1' });
    const counts = told.map(([received]) => received);
    expect(counts).toEqual([...new Set(counts)].sort((one, other) => one - other));
    expect(told.at(-1)).toEqual([body.length, expected, '/upload']);
    expect(new Set(told.map(([, total]) => total))).toEqual(new Set([expected]));
  });
});

test('onProgress is told nothing of bytes that do not suffice yet', async () => {
  const told: number[] = [];
  const onProgress = (received: number) => told.push(received);
  server = await (hosts[0] as (typeof hosts)[0]).start(form({ onProgress }) as TestHandler, (_req, res) =>
    res.end('{}'),
  );
  const client = await RawClient.connect(server.port);

  await client.send(postHead(body.length, headerLine));
  for (const part of [body.subarray(0, 10), body.subarray(10, 20), body.subarray(20)]) {
    await client.send(part);
    await new Promise(setImmediate);
  }
  await client.responses(1);
  client.socket.destroy();

  expect(told).toEqual([...new Set(told)]);
  expect(told.at(-1)).toBe(body.length);
});

describe('form()', () => {
  const post = async (sent: Buffer | string, type: string) => {
    const response = await fetch(server.url, { method: 'POST', headers: { 'Content-Type': type }, body: sent });
    return { status: response.status, ...(JSON.parse(await response.text()) as object) };
  };
  const start = async (middleware = form()) => {
    server = await (hosts[0] as (typeof hosts)[0]).start(middleware as TestHandler, (req, res) =>
      res.end(JSON.stringify({ body: req.body })),
    );
  };

  test('passes over parts that are no form data', async () => {
    await start();
    const other = '--b\r\nContent-Disposition: attachment; name="other"\r\n\r\n1\r\n';
    const field = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n2\r\n--b--';

    expect(await post(other + field, 'multipart/form-data; boundary=b')).toMatchObject({
      status: 200,
      body: { a: '2' },
    });
  });

  test.each([
    ['text/plain; charset=iso-8859-1', 'é'],
    ['text/plain; charset=klingon', '\ufffd'],
    ['text/plain; charset=utf-7', '\ufffd'],
    ['text/plain; charset="', '\ufffd'],
    ['no type at all', '\ufffd'],
  ])('reads the byte E9 of a field of type %s as %s', async (type, expected) => {
    await start();
    const head = `--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: ${type}\r\n\r\n`;
    const sent = Buffer.concat([Buffer.from(head), Buffer.of(0xe9), Buffer.from('\r\n--b--')]);

    expect(await post(sent, 'multipart/form-data; boundary=b')).toMatchObject({ body: { a: expected } });
  });

  test.each([
    ['a=1&&=&b=2&=3&a=4', { a: ['1', '4'], b: '2' }],
    ['a', { a: '' }],
  ])('reads the urlencoded %s', async (sent, expected) => {
    await start();

    expect(await post(sent, 'application/x-www-form-urlencoded')).toMatchObject({ status: 200, body: expected });
  });

  test.each([
    ['parameters.too.many', { fields: 1 }, 'a=1&b=2', 'LIMIT_FIELD_COUNT'],
    ['form.key.too.long', { fieldNameSize: 1 }, 'ab=1', 'LIMIT_FIELD_KEY'],
    ['form.value.too.long', { fieldSize: 1 }, 'a=12', 'LIMIT_FIELD_VALUE'],
    ['entity.too.large', { totalSize: 3 }, 'a=12', undefined],
  ])('refuses a urlencoded form by the limit of %s, with the code of multer', async (_what, limits, sent, code) => {
    await start(form({ limits }));

    const answer = await post(sent, 'application/x-www-form-urlencoded');
    expect([answer.status, (answer as { code?: string }).code]).toEqual([413, code]);
  });

  test('refuses a urlencoded form of unknown length by the limit of totalSize', async () => {
    await start(form({ limits: { totalSize: 3 } }));
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const sent = new Blob(['a=12']).stream();

    const response = await fetch(server.url, { method: 'POST', headers: type, body: sent, duplex: 'half' } as never);

    expect(await response.json()).toMatchObject({ type: 'entity.too.large' });
  });

  test.each([
    ['array(name)', form().array('file')],
    ['fields([{ name }])', form().fields([{ name: 'file' }])],
  ])('%s takes as many files as there are', async (_what, middleware) => {
    server = await (hosts[0] as (typeof hosts)[0]).start(middleware as TestHandler, (req, res) =>
      res.end(JSON.stringify(Object.values((req as never as { files: object }).files).flat().length)),
    );
    const sections = Array.from({ length: 20 }, (_, index) => ({ name: 'file', filename: `${index}`, content: 'x' }));

    const response = await fetch(server.url, { method: 'POST', headers, body: multipartBody('bound', sections) });

    expect(await response.json()).toBe(20);
  });

  test('diskStorage() without options keeps files in the folder of the system, under names of its own', async () => {
    server = await (hosts[0] as (typeof hosts)[0]).start(
      form({ storage: diskStorage() }).single('file') as TestHandler,
      async (req, res) => {
        const { path, destination, filename } = (req as never as { file: UploadedFile }).file;
        const content = readFileSync(path as string, 'utf8').length;
        rmSync(path as string);
        res.end(JSON.stringify([content, destination === tmpdir(), filename === 'x']));
      },
    );

    const response = await fetch(server.url, { method: 'POST', headers, body });

    expect(await response.json()).toEqual([200_000, true, false]);
  });
});
