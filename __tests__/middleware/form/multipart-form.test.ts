import multer from 'multer';
import { type FormLimits, form, type UploadedFile } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../../support/hosts';
import { postHead, RawClient } from '../../support/raw-client';

let server: RunningServer;
afterEach(() => server?.close());

const host = hosts[0] as (typeof hosts)[0];

/** A form of one part with these parameters and headers, and a field behind it. */
const formOf = (part: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; ${part}\r\n\r\n${content}\r\n` +
  '--b\r\nContent-Disposition: form-data; name="z"\r\n\r\n1\r\n--b--\r\n';

const answer: TestHandler = (req, res) => {
  const { body, files } = req as never as { body: object; files: UploadedFile[] };
  const read = files.map(({ originalname, mimetype, buffer }) => [originalname, mimetype, String(buffer)]);
  res.end(JSON.stringify({ body, files: read }));
};

const start = async (parse: unknown) => {
  server = await host.start(parse as TestHandler, answer);
};

const post = async (part: string, content: string) => {
  const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
  const response = await fetch(server.url, { method: 'POST', body: formOf(part, content), headers });
  return JSON.parse(await response.text());
};

const text = '\r\nContent-Type: text/plain; charset=utf-8';
const bytes = '\r\nContent-Type: application/octet-stream';

describe('a part of a form whose file has no name', () => {
  test.each([
    ['as browsers send an input in which nothing was chosen', `name="a"; filename=""${bytes}`],
    ['without a media type', 'name="a"; filename=""'],
    ['in an extended value', 'name="a"; filename*=UTF-8\'\''],
  ])('is none where it has no content: %s', async (_name, part) => {
    await start(form());

    expect(await post(part, '')).toEqual({ body: { z: '1' }, files: [] });
  });

  test.each([
    ['without a media type', 'name="a"; filename=""'],
    ['of text', `name="a"; filename=""${text}`],
  ])('is a field where it has content %s, as in multer', async (_name, part) => {
    const answers = [];
    for (const parse of [form(), multer().any()]) {
      await start(parse);
      answers.push(await post(part, 'contént'));
      await server.close();
    }

    expect(answers[0]).toEqual({ body: { a: 'contént', z: '1' }, files: [] });
    expect(answers[1]).toEqual(answers[0]);
  });

  test('is a file without a name where its content is no text, and not lost as in multer', async () => {
    await start(form());

    expect(await post(`name="a"; filename=""${bytes}`, 'content')).toEqual({
      body: { z: '1' },
      files: [['', 'application/octet-stream', 'content']],
    });
  });

  test.each<[string, string, FormLimits]>([
    ['fieldSize', text, { fieldSize: 6 }],
    ['fields', text, { fields: 1 }],
    ['fileSize', bytes, { fileSize: 6 }],
    ['files', bytes, { files: 0 }],
  ])('keeps "limits.%s"', async (_name, type, limits) => {
    await start(form({ limits }));

    expect(await post(`name="a"; filename=""${type}`, 'content')).toMatchObject({ type: 'form.limit.exceeded' });
  });

  test('is read alike wherever it is cut', async () => {
    await start(form());
    for (const [part, content] of [
      [`name="a"; filename=""${bytes}`, ''],
      [`name="a"; filename=""${bytes}`, 'content'],
      ['name="a"; filename=""', 'content'],
    ] as const) {
      const body = formOf(part, content);
      const expected = await post(part, content);
      for (let at = body.indexOf('filename'); at < body.indexOf('name="z"'); at += 1) {
        const client = await RawClient.connect(server.port);
        await client.send(postHead(body.length, 'Content-Type: multipart/form-data; boundary=b') + body.slice(0, at));
        await new Promise(setImmediate);
        await client.send(body.slice(at));
        expect(JSON.parse((await client.responses(1))[0] as string)).toEqual(expected);
        client.reset();
      }
    }
  });
});

test('a file whose extended name is empty has its other name', async () => {
  await start(form());

  expect((await post('name="a"; filename="x"; filename*=UTF-8\'\'', 'content')).files).toEqual([
    ['x', 'text/plain', 'content'],
  ]);
});
