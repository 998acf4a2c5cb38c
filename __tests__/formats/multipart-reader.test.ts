import busboy from 'busboy';
import fc from 'fast-check';
import { MultipartReader, Pipe } from 'pipebody';
import { multipartBody, type PlainSection, readerOf, readSections } from '../support/multipart-body';
import { readAll } from '../support/read-all';

const boundary = 'bound';
const someSections: PlainSection[] = [
  { name: 'a', content: '1' },
  { name: 'empty', content: '' },
  { name: 'é%22', filename: 'C:\\dir\\x.txt', type: 'text/plain', content: 'x\r\n--boun\r\n\r--bound\r\n--bounb\r' },
];
const someBody = multipartBody(boundary, someSections);
const longestHeaders = Math.max(
  ...String(someBody)
    .split('\r\n\r\n')
    .map((text) => Buffer.byteLength(text.split('--bound\r\n')[1] ?? '')),
);
const failed = (body: string | Buffer, options = {}) =>
  readSections([Buffer.from(body as string)], boundary, options).then(
    () => 'not failed',
    (error) => error,
  );
const part = (headers: string, content = 'x') => `--bound\r\n${headers}\r\n\r\n${content}\r\n--bound--`;
const disposition = (parameters: string) => part(`Content-Disposition: form-data; ${parameters}`);

describe('MultipartReader', () => {
  test('gives the same sections wherever the body is cut', async () => {
    const whole = await readSections([someBody], boundary);
    for (let cut = 0; cut <= someBody.length; cut += 1) {
      expect(await readSections([someBody.subarray(0, cut), someBody.subarray(cut)], boundary)).toEqual(whole);
    }

    expect(whole.map(({ content }) => content)).toEqual(someSections.map(({ content }) => content));
    expect(whole.map(({ name }) => name)).toEqual(['a', 'empty', 'é"']);
  });

  test('finds the delimiter after a large chunk that ends with a part of it', async () => {
    const large = 'x'.repeat(20_000);
    const body = multipartBody('bound', [
      { name: 'a', filename: 'a', content: `${large}\r\n--bo` },
      { name: 'b', content: large },
    ]);
    for (let cut = 20_000; cut < 20_200; cut += 1) {
      const chunks = [body.subarray(0, cut), body.subarray(cut)];

      expect((await readSections(chunks, 'bound')).map(({ content }) => content)).toEqual([`${large}\r\n--bo`, large]);
    }
  });

  test('gives the same sections when every byte comes alone', async () => {
    expect(
      await readSections(
        [...someBody].map((byte) => Buffer.of(byte)),
        boundary,
      ),
    ).toEqual(await readSections([someBody], boundary));
  });

  test('fails with a 400 wherever the body ends too early', async () => {
    const lastDelimiter = someBody.lastIndexOf('--') + 2;
    for (let end = 0; end < lastDelimiter; end += 1) {
      expect(await failed(someBody.subarray(0, end))).toMatchObject({ status: 400, type: 'multipart.truncated' });
    }
    await readSections([someBody.subarray(0, lastDelimiter)], boundary);
  });

  test.each([
    ['name="a"', { name: 'a', filename: undefined }],
    ['name=a', { name: 'a' }],
    ['NAME="a"; FileName="b"', { name: 'a', filename: 'b' }],
    ['name="a"; filename=""', { filename: '' }],
    ['name=""', { name: '' }],
    ['filename="b"', { name: undefined, filename: 'b' }],
    ['name="a;b=\\"c\\""', { name: 'a;b="c"' }],
    ['name="%22%0D%0a%41"', { name: '"\r\n%41' }],
    ['name="a"; filename="C:\\dir\\é.txt"', { filename: 'C:\\dir\\é.txt' }],
    ['name="a"; filename="x\\\\y"', { filename: 'x\\y' }],
    ['name="a"; filename="e.txt"; filename*=UTF-8\'\'%C3%A9.txt', { filename: 'é.txt' }],
    ['name="a"; filename*=ISO-8859-1\'en\'%E9', { filename: 'é' }],
    ['name="a"; filename="e"; filename*=UTF-8\'\'%E0%A4%A', { filename: 'e' }],
    ['name="a"; filename="e"; filename*=UTF-8\'\'a%0D%0Ab', { filename: 'e' }],
    ['name="__proto__"; filename="constructor";', { name: '__proto__', filename: 'constructor' }],
  ])('reads the parameters %s', async (parameters, expected) => {
    expect((await readSections([Buffer.from(disposition(parameters))], boundary))[0]).toMatchObject(expected);
  });

  test.each([
    ['a header without a colon', part('Content-Disposition')],
    ['a header without a name', part(': form-data')],
    ['headers that begin with the rest of one', part(' Content-Disposition: form-data; name="a"')],
    ['a bare CR in a header', part('A: b\rc')],
    ['a bare LF in a header', part('A: b\nc')],
    ['a NUL in a header', part('A: b\0c')],
    ['a quotation mark that is not closed', disposition('name="a')],
    ['text after a quoted value', disposition('name="a"b')],
    ['a parameter twice', disposition('name="a"; name="b"')],
    ['an extended file name that alone is nothing', disposition('name="a"; filename*=UTF-8\'\'%E0%A4%A')],
    ['two dispositions', part('Content-Disposition: form-data; name="a"\r\ncontent-disposition: form-data; name="b"')],
    ['line ends of LF alone', '--bound\nContent-Disposition: form-data; name="a"\n\nx\n--bound--'],
    ['a delimiter that goes on', '--boundary\r\n\r\nx\r\n--bound--'],
    ['a delimiter within the headers', '--bound\r\nA: b\r\n--bound--\r\n\r\n'],
  ])('refuses %s with a 400', async (_name, body) => {
    expect(await failed(body)).toMatchObject({ status: 400, type: 'multipart.malformed' });
  });

  test('reads a section without headers, one without a body, padding, preamble and epilogue', async () => {
    const body =
      'preamble\r\n--bound \t\r\n\r\nx\r\n--bound\r\nA: 1\r\n b\r\nA: 2\r\n\r\n--bound--epi\r\n--bound\r\nlogue';

    expect(await readSections([Buffer.from(body)], boundary)).toEqual([
      { name: undefined, filename: undefined, headers: {}, content: 'x' },
      { name: undefined, filename: undefined, headers: { a: '1 b, 2' }, content: '' },
    ]);
  });

  test.each(['', 'x'.repeat(71), 'a ', 'é', 'a"b'])('refuses the boundary %j', (wrong) => {
    expect(() => new MultipartReader(readerOf([]), wrong)).toThrow(
      expect.objectContaining({ status: 400, type: 'multipart.boundary.invalid' }),
    );
  });

  test.each([
    ['sectionCountLimit', 3, 'multipart.sections.too.many'],
    ['headersCountLimit', 2, 'multipart.headers.too.many'],
    ['bodyLengthLimit', Buffer.byteLength(String(someSections[2]?.content)), 'multipart.section.too.large'],
    ['limit', someBody.length, 'entity.too.large'],
    ['headersLengthLimit', longestHeaders, 'multipart.headers.too.large'],
  ])('passes exactly %s (%d) and refuses one more, wherever the body is cut', async (name, limit, type) => {
    for (let cut = 0; cut <= someBody.length; cut += 1) {
      const chunks = () => [someBody.subarray(0, cut), someBody.subarray(cut)];
      await readSections(chunks(), boundary, { [name]: limit });
      await expect(readSections(chunks(), boundary, { [name]: limit - 1 })).rejects.toMatchObject({
        status: 413,
        type,
        limit: limit - 1,
      });
    }
  });

  test.each([-1, 1.5, Number.NaN, '5'])('refuses the limit %p', (limit) => {
    expect(() => new MultipartReader(readerOf([]), boundary, { limit: limit as number })).toThrow(RangeError);
  });

  test('throws away what was left unread when the next section is asked for', async () => {
    const names: unknown[] = [];
    for await (const { name, bodyReader } of new MultipartReader(readerOf([someBody]), boundary)) {
      names.push(name);
      if (name !== 'a') bodyReader.tryRead();
    }

    expect(names).toEqual(['a', 'empty', 'é"']);
  });

  test('goes on when a section is given up, by its reader and by its stream', async () => {
    const names: unknown[] = [];
    for await (const { name, bodyReader, body } of new MultipartReader(readerOf([someBody]), boundary)) {
      names.push(name);
      if (name === 'a') await bodyReader.complete(new Error('not wanted'));
      else body.on('error', () => {}).destroy(new Error('not wanted'));
    }

    expect(names).toHaveLength(3);
  });

  test('tells whoever reads a section after the next one was asked for', async () => {
    const reader = new MultipartReader(readerOf([...someBody].map((byte) => Buffer.of(byte))), boundary);
    const first = await reader.readNextSection();
    await reader.readNextSection();

    await expect(first?.bodyReader.read()).rejects.toMatchObject({ code: 'ERR_PIPE_SECTION_PASSED' });
  });

  test('tells whoever begins to read a small field after the next section was asked for', async () => {
    const reader = new MultipartReader(readerOf([someBody]), boundary);
    const first = await reader.readNextSection();
    const second = await reader.readNextSection();
    await reader.readNextSection();

    for (const section of [first, second]) {
      await expect(section?.bodyReader.read()).rejects.toMatchObject({ code: 'ERR_PIPE_SECTION_PASSED' });
    }
  });

  test('gives sections that are there without a promise', async () => {
    const { reader, writer } = new Pipe();
    const sections = new MultipartReader(reader, boundary);
    expect(sections.tryReadNextSection()).toBeUndefined();

    await writer.write(someBody);
    const names = someSections.map(() => sections.tryReadNextSection()?.name);
    expect(names).toEqual(['a', 'empty', 'é"']);

    expect(sections.tryReadNextSection()).toBeUndefined();
    await writer.complete();
    expect(await sections.readNextSection()).toBeUndefined();
  });

  test('leaves the rest of the body to the next loop', async () => {
    const reader = new MultipartReader(readerOf([someBody]), boundary);
    const names: unknown[] = [];
    for await (const { name } of reader) {
      names.push(name);
      break;
    }
    for await (const { name } of reader) names.push(name);

    expect(names).toEqual(['a', 'empty', 'é"']);
  });

  test.each([
    ['headersCountLimit', 1],
    ['headersLengthLimit', Buffer.byteLength('Content-Disposition: form-data; name="é"')],
    ['bodyLengthLimit', 3],
    ['sectionCountLimit', 2],
  ])('a small field has the limit %s (%d) in one chunk as in several', async (name, limit) => {
    const body = multipartBody(boundary, [
      { name: 'é', content: '123' },
      { name: 'a', content: '' },
    ]);
    for (const chunks of [[body], [...body].map((byte) => Buffer.of(byte))]) {
      const read = (value: number) => readSections(chunks, boundary, { [name]: value });

      expect(await read(limit)).toMatchObject([
        { name: 'é', content: '123', headers: { 'content-disposition': 'form-data; name="é"' } },
        { name: 'a', content: '' },
      ]);
      await expect(read(limit - 1)).rejects.toMatchObject({ status: 413, limit: limit - 1 });
    }
  });

  test('a source that fails is an error for the section and for the next one', async () => {
    const failure = new Error('broken');
    const reader = new MultipartReader(readerOf([someBody.subarray(0, 60)], failure), boundary);
    const section = await reader.readNextSection();

    await expect(readAll(section?.bodyReader as never)).rejects.toBe(failure);
    await expect(reader.readNextSection()).rejects.toBe(failure);
    await expect(reader.readNextSection()).rejects.toBe(failure);
  });

  test('a second call for the next section fails alone', async () => {
    const reader = new MultipartReader(readerOf([someBody]), boundary);
    const first = reader.readNextSection();

    await expect(reader.readNextSection()).rejects.toMatchObject({ code: 'ERR_PIPE_SECTION_IN_PROGRESS' });
    expect((await first)?.name).toBe('a');
  });

  test('reads no further than it is asked to, so that a writer waits', async () => {
    const pipe = new Pipe({ pauseWriterThreshold: 8, resumeWriterThreshold: 4 });
    const reader = new MultipartReader(pipe.reader, boundary);
    const next = reader.readNextSection();
    await pipe.writer.write('--bound\r\n\r\n');
    await next;

    let hasSettled = false;
    const write = pipe.writer.write('x'.repeat(8)).then(() => {
      hasSettled = true;
    });
    await new Promise(setImmediate);
    expect(hasSettled).toBe(false);

    await (await next)?.bodyReader.read();
    await write;
  });

  test('says of any form what busboy says', async () => {
    const edge = fc.constantFrom('\r', '\n', '\r\n', '-', '--', '\r\n--', 'x', '');
    const forms = fc.string({ unit: fc.constantFrom(...'ab-'), minLength: 1, maxLength: 8 }).chain((random) => {
      const pieces = [...Array(random.length + 5).keys()].map((length) => `\r\n--${random}`.slice(0, length));
      const content = fc.array(fc.oneof(edge, fc.constantFrom(...pieces)), { maxLength: 8 }).map((all) => all.join(''));
      const section = fc.record({
        name: fc.constantFrom('a', 'b[]', 'é'),
        filename: fc.option(fc.constantFrom('f', 'ü.txt'), { nil: undefined }),
        content: content.filter((text) => !`\r\n${text}\r\n`.includes(`\r\n--${random}`)),
      });
      return fc.tuple(
        fc.constant(random),
        fc.array(section, { maxLength: 4 }),
        fc.array(fc.nat(400), { maxLength: 5 }),
      );
    });

    await fc.assert(
      fc.asyncProperty(forms, async ([random, sections, cuts]) => {
        const body = multipartBody(random, sections);
        const places = [0, ...cuts.map((cut) => cut % (body.length + 1)).sort((a, b) => a - b), body.length];
        const chunks = places.slice(1).map((end, index) => body.subarray(places[index], end));

        const ours = await readSections(chunks, random);

        expect(ours.map(({ name, filename, content }) => [name, filename, content])).toEqual(
          sections.length === 0 ? [] : await busboySections(body, random),
        );
      }),
      { numRuns: 300 },
    );
  });
});

function busboySections(body: Buffer, random: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const sections: unknown[][] = [];
    const headers = { 'content-type': `multipart/form-data; boundary="${random}"` };
    busboy({ headers, defParamCharset: 'utf8', defCharset: 'latin1' })
      .on('field', (name, value) => sections.push([name, undefined, value]))
      .on('file', (name, file, { filename }) => {
        const section = [name, filename, ''];
        sections.push(section);
        file.on('data', (chunk: Buffer) => {
          section[2] += chunk.toString('latin1');
        });
      })
      .on('close', () => resolve(sections))
      .on('error', reject)
      .end(body);
  });
}

describe('the sections of a MultipartReader', () => {
  const body = () => readerOf([multipartBody('bound', someSections)]);

  test('may be left, and are at their end then', async () => {
    const sections = new MultipartReader(body(), 'bound')[Symbol.asyncIterator]();
    await sections.next();

    await sections.return?.();

    expect(await sections.next()).toEqual({ done: true, value: undefined });
  });

  test('may be gone through in several loops', async () => {
    const sections = new MultipartReader(body(), 'bound')[Symbol.asyncIterator]();
    const names: (string | undefined)[] = [(await sections.next()).value?.name];

    for await (const { name } of sections) names.push(name);

    expect(names).toEqual(['a', 'empty', 'é"']);
  });

  test('fail with the same error again', async () => {
    const sections = new MultipartReader(readerOf([Buffer.from('--bound\r\nno header\r\n\r\n')]), 'bound');
    const failure = await sections.readNextSection().catch((error) => error);

    expect(failure).toMatchObject({ status: 400, type: 'multipart.malformed' });
    await expect(sections.readNextSection()).rejects.toBe(failure);
  });

  test('end with an AbortError when the read of the body is cancelled', async () => {
    const { reader } = new Pipe();
    const next = new MultipartReader(reader, 'bound').readNextSection();

    reader.cancelPendingRead();

    await expect(next).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('are read on after a read of a section was given up', async () => {
    const { reader, writer } = new Pipe();
    await writer.write('--bound\r\nA: b\r\n\r\n');
    const section = await new MultipartReader(reader, 'bound').readNextSection();
    const controller = new AbortController();
    const aborted = section?.bodyReader.read({ signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });

    const read = section?.bodyReader.read();
    await writer.write('content\r\n--bound--');

    expect((await read)?.buffer.toString()).toBe('content');
  });

  test('need a boundary that is text', () => {
    expect(() => new MultipartReader(body(), 5 as never)).toThrow('"boundary" must be a string.');
  });

  test.each([
    ["utf-8''%e2%82%ac", '€'],
    ["utf-8''%ff", 'plain'],
    ["utf-8''é", 'plain'],
    ["utf-8''%zz", 'plain'],
    ["klingon''a", 'plain'],
    ["iso-8859-1''%e9", 'é'],
  ])('have for filename*=%s the name %s, where another one says plain', async (extended, expected) => {
    const [section] = await readSections(
      [Buffer.from(disposition(`name="a"; filename="plain"; filename*=${extended}`))],
      'bound',
    );

    expect(section?.filename).toBe(expected);
  });
});
