import { diskStorage, type FormOptions, form, type StorageEngine } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../../support/hosts';
import { multipartBody } from '../../support/multipart-body';

let server: RunningServer;
afterEach(() => server.close());

const host = hosts[0] as (typeof hosts)[0];
const failure = () => Promise.reject(new Error('no'));

const post = async (options: FormOptions) => {
  server = await host.start(form(options).any() as TestHandler, (req, res) => {
    const { files } = req as never as { files: unknown[] };
    res.end(JSON.stringify({ files: files.length }));
  });
  const sections = ['a', 'b'].map((name) => ({ name, filename: name, content: name }));
  const headers = { 'Content-Type': 'multipart/form-data; boundary=bound' };
  const response = await fetch(server.url, { method: 'POST', body: multipartBody('bound', sections), headers });
  return { status: response.status, ...JSON.parse(await response.text()) };
};

const engine = (methods: Partial<StorageEngine>): StorageEngine => ({
  _handleFile: (_req, { stream }, callback) => void stream.resume().on('end', () => callback(null, {})),
  _removeFile: (_req, _file, callback) => callback(null),
  ...methods,
});

describe('functions of the application that call back', () => {
  test.each([
    ['fileFilter', () => ({ fileFilter: failure })],
    ['destination', () => ({ storage: diskStorage({ destination: failure }) })],
    ['filename', () => ({ storage: diskStorage({ filename: failure }) })],
    ['_handleFile', () => ({ storage: engine({ _handleFile: failure }) })],
  ] as [string, () => FormOptions][])('"%s" that is async and throws refuses the request', async (_name, options) => {
    expect(await post(options())).toMatchObject({ status: 500, message: 'no' });
  });

  test('"_removeFile" that is async and throws does not keep the error back', async () => {
    const storage = engine({ _removeFile: failure });
    const fileFilter: FormOptions['fileFilter'] = (_req, { fieldname }, done) =>
      fieldname === 'a' ? done(null, true) : done(new Error('no'));

    expect(await post({ storage, fileFilter })).toMatchObject({ status: 500, message: 'no' });
  });

  test('give no error with what is falsy, as in multer', async () => {
    const storage = engine({
      _handleFile: (_req, { stream }, callback) => void stream.resume().on('end', () => callback(false, {})),
    });

    expect(await post({ storage, fileFilter: (_req, _file, done) => done('', true) })).toMatchObject({ files: 2 });
  });
});
