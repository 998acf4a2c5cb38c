import fc from 'fast-check';
import iconv from 'iconv-lite';
import { Pipe, PipeReader, TextReader } from 'pipebody';
import { allCuts, collect, cutAt, inChunks, inPoisonedChunks, places } from '../support/in-chunks';

const text = fc
  .array(fc.constantFrom('\n', '\r', '\r\n', 'a', 'bc', 'é', '€', '😀', '中', '\u00CA\u0304', '\u{2070E}'), {
    maxLength: 30,
  })
  .map((parts) => parts.join(''));

const linesOf = (whole: string) => {
  const lines = whole.split(/\r\n|\n|\r/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
};

const charsets = ['utf-8', 'utf-16le', 'utf-16be', 'utf-32', 'utf-16', 'shift_jis', 'gb18030', 'big5hkscs'];
const rareCharsets = ['utf-7', 'utf-7-imap', 'cesu-8', 'gb_18030', 'big_5'];

describe('TextReader', () => {
  test.each([...charsets, ...rareCharsets])(
    'gives the same text and lines in %s wherever it is cut',
    async (encoding) => {
      await fc.assert(
        fc.asyncProperty(text, places, async (given, cuts) => {
          const bytes = iconv.encode(given, encoding);
          const whole = iconv.decode(bytes, encoding);
          const chunks = cutAt(bytes, cuts);

          expect(await new TextReader(inChunks(chunks), { encoding }).readToEnd()).toBe(whole);
          expect((await collect(new TextReader(inPoisonedChunks(chunks), { encoding }))).items).toEqual(linesOf(whole));
        }),
      );
    },
  );

  test.each(['utf-16', 'UTF_16', 'utf32', 'UCS-4'])(
    'takes the order of bytes of %s from the mark, however it is written',
    async (encoding) => {
      const order = /16/.test(encoding) ? 'utf-16be' : 'utf-32be';
      const bytes = iconv.encode('\uFEFFПривет\n', order);

      for (const chunks of allCuts(bytes)) {
        expect(await new TextReader(inChunks(chunks), { encoding }).readToEnd()).toBe('Привет\n');
      }
    },
  );

  test('gives text as it comes, and null at the end', async () => {
    const { reader, writer } = new Pipe();
    const text = new TextReader(reader);

    await writer.write(Buffer.from('aé').subarray(0, 2));
    expect(await text.read()).toBe('a');
    await writer.write(Buffer.from('é').subarray(1));
    expect(await text.read()).toBe('é');
    await writer.write(Buffer.from('😀').subarray(0, 3));
    await writer.complete();
    expect(await text.read()).toBe('\uFFFD');
    expect(await text.read()).toBeNull();
    expect(await text.readLine()).toBeNull();
    expect(await text.readToEnd()).toBe('');
  });

  test('gives a line that ends with CR at once, and takes the LF that comes later for a part of its end', async () => {
    const { reader, writer } = new Pipe();
    const text = new TextReader(reader);

    await writer.write('one\r');
    expect(await text.readLine()).toBe('one');
    await writer.write('\ntwo\r\r\nrest');
    expect(await text.readLine()).toBe('two');
    expect(await text.readLine()).toBe('');
    expect(await text.read()).toBe('rest');
  });

  test('goes from lines to pieces to the end without losing anything', async () => {
    for (const chunks of allCuts(Buffer.from('first\r\nsecond\nthird'))) {
      const text = new TextReader(inChunks(chunks));

      const line = await text.readLine();
      const piece = await text.read();

      expect([line, `${piece}${await text.readToEnd()}`]).toEqual(['first', 'second\nthird']);
    }
  });

  test('drops a byte order mark of its own charset', async () => {
    for (const chunks of allCuts(Buffer.from('\uFEFFa\uFEFF'))) {
      expect(await new TextReader(inChunks(chunks)).readToEnd()).toBe('a\uFEFF');
    }
  });

  test.each(['utf-8', 'utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'])(
    'lets the byte order mark of %s decide, when it is told to',
    async (charset) => {
      for (const chunks of allCuts(iconv.encode('é€', charset, { addBOM: true }))) {
        const text = new TextReader(inChunks(chunks), { encoding: 'latin1', detectByteOrderMark: true });

        expect(await text.readToEnd()).toBe('é€');
        expect(text.encoding).toBe(charset);
      }
    },
  );

  test('without a byte order mark the charset is the one that was given', async () => {
    const text = new TextReader(inChunks([Buffer.from([0xff]), Buffer.from('a')]), {
      encoding: 'latin1',
      detectByteOrderMark: true,
    });

    expect(await text.readToEnd()).toBe('ÿa');
  });

  test('a wait that was aborted loses nothing', async () => {
    const { reader, writer } = new Pipe();
    const text = new TextReader(reader);
    const controller = new AbortController();
    await writer.write('be');

    const aborted = text.readLine({ signal: controller.signal });
    await new Promise(setImmediate);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    await writer.write('gun\n');

    expect(await text.readLine()).toBe('begun');
  });

  test('a line of maxLineLength characters passes, one more is a 413', async () => {
    for (const chunks of allCuts(Buffer.from('abc\r\nabcd'))) {
      const text = new TextReader(inChunks(chunks), { maxLineLength: 3 });

      expect(await text.readLine()).toBe('abc');
      await expect(text.readLine()).rejects.toMatchObject({ status: 413, type: 'line.too.long', line: 2, limit: 3 });
    }
  });

  test('a text of limit bytes passes, one more is a 413', async () => {
    for (const chunks of allCuts(Buffer.from('é€'))) {
      expect(await new TextReader(inChunks(chunks)).readToEnd({ limit: 5 })).toBe('é€');
      await expect(new TextReader(inChunks(chunks)).readToEnd({ limit: 4 })).rejects.toMatchObject({ status: 413 });
    }
  });

  test('refuses a charset that is none, and limits that are none', () => {
    const reader = PipeReader.from(Buffer.from(''));

    expect(() => new TextReader(reader, { encoding: 'klingon' })).toThrow(/^"encoding" .*'klingon'/);
    expect(() => new TextReader(reader, { encoding: 8 as never })).toThrow(/^"encoding" must be the name/);
    expect(() => new TextReader(reader, { maxLineLength: Number.NaN })).toThrow(RangeError);
  });
});

test('a text that came in one large piece is read whole', async () => {
  const text = 'é€😀'.repeat(100_000);

  expect(await new TextReader(PipeReader.from(Buffer.from(text))).readToEnd()).toBe(text);
});
