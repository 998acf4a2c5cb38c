import { text } from 'node:stream/consumers';
import { type FormOptions, form, type UploadedFile } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../../support/hosts';
import { multipartBody } from '../../support/multipart-body';
import { readAll } from '../../support/read-all';

let server: RunningServer;
afterEach(() => server.close());

/** What a handler makes of the file of a form. */
async function upload(use: (file: UploadedFile) => Promise<unknown>, options?: FormOptions): Promise<unknown> {
  server = await (hosts[0] as (typeof hosts)[0]).start(
    form(options).single('file') as TestHandler,
    async (req, res) => {
      const { file } = req as never as { file: UploadedFile };
      res.end(JSON.stringify(await use(file)));
    },
  );
  const body = multipartBody('b', [{ name: 'file', filename: 'x.txt', content: 'content' }]);
  const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
  return (await fetch(server.url, { method: 'POST', headers, body })).json();
}

describe.each<[string, FormOptions]>([
  ['in memory', {}],
  ['on disk', { memoryThreshold: 0 }],
])('an uploaded file %s', (_where, options) => {
  test('is read as a stream and as a pipe, each from its start', async () => {
    const read = async (file: UploadedFile) => [
      await text(file.openReadStream()),
      String(await readAll(file.bodyReader())),
      await text(file.openReadStream()),
    ];

    expect(await upload(read, options)).toEqual(['content', 'content', 'content']);
  });

  test('is not moved into a folder that is not there', async () => {
    const move = (file: UploadedFile) => file.moveTo('/missing/folder/x').catch(({ code }: { code: string }) => code);

    expect(await upload(move, options)).toBe('ENOENT');
  });
});

test('form() says which option is none, also where it has no JSON', () => {
  expect(() => form({ dest: (() => 'uploads') as never })).toThrow(
    /"dest" must be of type string; it is \(\) => 'uploads'/,
  );
  expect(() => form({ fileFilter: Symbol('all') as never })).toThrow(/"fileFilter" .* Symbol\(all\)/);
});
