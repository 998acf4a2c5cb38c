import { type FormLimits, type FormOptions, form } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../../support/hosts';
import { multipartBody, type PlainSection } from '../../support/multipart-body';

const host = hosts[0] as (typeof hosts)[0];
const someForm = multipartBody('bound', [{ name: 'a', filename: 'a', content: 'x'.repeat(20) }]);

let server: RunningServer | undefined;
afterEach(() => server?.close());

const post = async (options: FormOptions, body: Buffer = someForm) => {
  server = await host.start(form(options) as TestHandler, (_req, res) => res.end('{}'));
  const headers = { 'Content-Type': 'multipart/form-data; boundary=bound' };
  const response = await fetch(server.url, { method: 'POST', body, headers });
  return { status: response.status, ...JSON.parse(await response.text()) };
};

describe('form() refuses, when it is made,', () => {
  test.each([
    [{ dest: 5 }],
    [{ dest: ['a'] }],
    [{ tempDir: 5 }],
    [{ fileFilter: 'a' }],
    [{ onProgress: true }],
    [{ limits: 'a' }],
    [{ limits: 5 }],
  ])('%j', (options) => {
    expect(() => form(options as never)).toThrow(TypeError);
  });

  test.each([
    ['a name that is no text', () => form().single(undefined as never), TypeError],
    ['the names of fields in place of fields', () => form().fields(['a'] as never), TypeError],
    ['fields that are no array', () => form().fields({ name: 'a' } as never), TypeError],
    ['a count below 0', () => form().array('a', -1), RangeError],
    ['a count that is none', () => form().fields([{ name: 'a', maxCount: Number.NaN }]), RangeError],
  ])('%s', (_name, make, error) => {
    expect(make).toThrow(error);
  });

  test('but takes null for no option, as multer', () => {
    const options = { dest: null, tempDir: null, fileFilter: null, onProgress: null, limits: null };

    expect(() => form(options as never)).not.toThrow();
  });
});

describe('the limits of form()', () => {
  test('that are async refuse the request: none of them is forgotten', async () => {
    expect(await post({ limits: (async () => ({ files: 0 })) as never })).toMatchObject({ status: 500 });
  });

  test.each([
    [{ totalSize: someForm.length - 1 }, 'entity.too.large', '"limits.totalSize"'],
    [{ headerPairs: 0 }, 'multipart.headers.too.many', '"limits.headerPairs"'],
    [{ fileSize: 19 }, 'form.limit.exceeded', '"limits.fileSize"'],
    [{ fileSize: someForm.length - 1, totalSize: someForm.length - 1 }, 'entity.too.large', '"limits.totalSize"'],
  ] as [FormLimits, string, string][])('%j: the error names the one to raise', async (limits, type, name) => {
    const error = await post({ limits });

    expect(error).toMatchObject({ status: 413, type });
    expect(error.message).toContain(name);
  });

  test.each([[{ name: '', content: 'a' }], [{ name: '', filename: 'a', content: 'a' }]] as [PlainSection][])(
    'refuse %j, which has an empty name, as multer does',
    async (section) => {
      expect(await post({}, multipartBody('bound', [section]))).toMatchObject({
        status: 400,
        code: 'MISSING_FIELD_NAME',
      });
    },
  );
});
