import { diskStorage, type FormOptions, form, memoryStorage } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../../support/hosts';

const [host] = hosts as [(typeof hosts)[0]];
const multipart = 'multipart/form-data; boundary=b';
const urlencoded = 'application/x-www-form-urlencoded';

let server: RunningServer;
afterEach(() => server.close());

const parts = (...headers: string[]) =>
  `${headers.map((header) => `--b\r\nContent-Disposition: form-data; ${header}`).join('\r\n')}\r\n--b--\r\n`;
const field = (name: string, value: string, type = '') =>
  `name="${name}"${type && `\r\nContent-Type: ${type}`}\r\n\r\n${value}`;
const file = (name: string) => `name="${name}"; filename="a.txt"\r\n\r\nhello`;

const ask = async (options: FormOptions, body: string | Buffer, type = multipart) => {
  server = await host.start(form(options) as TestHandler, (req, res) => {
    const { files } = req as { files?: Express.Multer.File[] };
    res.end(JSON.stringify({ body: req.body, names: files?.map(({ originalname }) => originalname) }));
  });
  const response = await fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': type } });
  return { status: response.status, ...JSON.parse(await response.text()) };
};

describe('form()', () => {
  test.each([
    ['fields', 'a=1&b=2', { fields: 1 }, 'LIMIT_FIELD_COUNT'],
    ['bytes of a name', 'abc=1', { fieldNameSize: 2 }, 'LIMIT_FIELD_KEY'],
    ['bytes of a value', 'a=123', { fieldSize: 2 }, 'LIMIT_FIELD_VALUE'],
    ['bytes', 'a=123', { totalSize: 4 }, undefined],
  ])('answers 413 to a urlencoded form with too many %s', async (_name, body, limits, code) => {
    expect(await ask({ limits }, body, urlencoded)).toMatchObject({ status: 413, ...(code && { code }) });
  });

  test.each([
    ['parts', [field('a', '1'), field('b', '2')], { parts: 1 }, 'LIMIT_PART_COUNT'],
    ['fields', [field('a', '1'), field('b', '2')], { fields: 1 }, 'LIMIT_FIELD_COUNT'],
    ['files', [file('a'), file('b')], { files: 1 }, 'LIMIT_FILE_COUNT'],
    ['bytes of a name', [field('abc', '1')], { fieldNameSize: 2 }, 'LIMIT_FIELD_KEY'],
    ['bytes of a value', [field('a', '123')], { fieldSize: 2 }, 'LIMIT_FIELD_VALUE'],
    ['bytes of a file', [file('a')], { fileSize: 4 }, 'LIMIT_FILE_SIZE'],
  ])('answers 413 to a multipart form with too many %s', async (_name, headers, limits, code) => {
    expect(await ask({ limits }, parts(...headers))).toMatchObject({ status: 413, code });
  });

  test.each([
    ['a field without a name', multipart, parts('x=y\r\n\r\n1'), 'form.name.missing'],
    ['a file whose name is empty', multipart, parts(file('')), 'form.name.missing'],
    ['no boundary', 'multipart/form-data', parts(file('a')), 'multipart.boundary.invalid'],
    ['two boundaries', 'multipart/form-data; boundary=b; boundary=c', parts(file('a')), 'multipart.malformed'],
  ])('answers 400 to %s', async (_name, contentType, body, type) => {
    expect(await ask({}, body, contentType)).toMatchObject({ status: 400, type });
  });

  test('reads a field in its own charset, else in that of _charset_, and never in UTF-7', async () => {
    const body = parts(
      field('utf8', 'é'),
      field('utf7', 'a+AGI-', 'text/plain; charset=utf-7'),
      field('own', '\xE9', 'text/plain; charset=iso-8859-1'),
      field('_charset_', 'iso-8859-1'),
      field('form', '\xE9'),
    );

    const { body: fields } = await ask({}, Buffer.from(body.replace('é', '\xC3\xA9'), 'latin1'));

    expect(fields).toMatchObject({ utf8: 'é', utf7: 'a+AGI-', own: 'é', form: 'é' });
  });

  test.each([
    ['C:\\dir\\a.txt', false, 'a.txt'],
    ['dir/a.txt', true, 'dir/a.txt'],
    ['a%0Ab.txt', false, 'a%0Ab.txt'],
    ['dir/..', false, ''],
  ])('names a file %p, with preservePath %p, as %p', async (filename, preservePath, originalname) => {
    const body = parts(`name="a"; filename="${filename}"\r\n\r\nx`);

    expect((await ask({ preservePath }, body)).names).toEqual([originalname]);
  });

  test.each([
    [
      'no text for a destination',
      (_q: unknown, _f: unknown, done: (error: null, choice?: string) => void) => done(null),
    ],
    ['an error', (_q: unknown, _f: unknown, done: (error: Error) => void) => done(new Error('no folder'))],
  ])('fails where diskStorage() is told %s', async (_name, destination) => {
    expect((await ask({ storage: diskStorage({ destination }) }, parts(file('a')))).status).toBe(500);
  });

  test('forgets what memoryStorage() kept for a form that fails behind it', async () => {
    const options = { storage: memoryStorage(), limits: { files: 1 } };

    expect(await ask(options, parts(file('a'), file('b')))).toMatchObject({ status: 413, code: 'LIMIT_FILE_COUNT' });
  });
});

test.each([null, 'uploads/'])('form(%p) is a TypeError', async (options) => {
  server = { close: async () => {} } as RunningServer;

  expect(() => form(options as never)).toThrow(TypeError);
});
