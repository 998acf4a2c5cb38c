import fc from 'fast-check';
import iconv from 'iconv-lite';
import {
  Pipe,
  PipeReader,
  type ReadLinesOptions,
  ReadOnlySequence,
  readLineBatches,
  readLines,
  type SequencePosition,
} from 'pipebody';
import { allCuts, collect, cutAt, inChunks, inPoisonedChunks, places } from '../support/in-chunks';
import { readAll } from '../support/read-all';

/** Few different characters, so that line ends are often there, and next to each other. */
const text = fc
  .array(fc.constantFrom('\n', '\r', '\r\n', 'a', 'bc', 'é', '€', '😀', '\uFEFF', 'ਊ', 'Ā'), { maxLength: 30 })
  .map((parts) => parts.join(''));

const linesOf = (whole: string, eol: 'lf' | 'any' = 'lf') => split(whole.replace(/^\uFEFF/, ''), eol);

const split = (rest: string, eol: 'lf' | 'any') => {
  const lines = rest.split(eol === 'lf' ? /\r?\n/ : /\r\n|\n|\r/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
};

const waysToRead: [string, (reader: PipeReader, options?: ReadLinesOptions) => Promise<string[]>][] = [
  ['readLines()', (reader, options) => all(readLines(reader, options))],
  ['readLineBatches()', async (reader, options) => (await all(readLineBatches(reader, options))).flat()],
];

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const { items: collected, error } = await collect(items);
  if (error !== undefined) throw error;
  return collected;
}

describe.each(waysToRead)('%s', (_name, read) => {
  test.each(['lf', 'any'] as const)('gives the same lines wherever the text is cut (eol: %s)', async (eol) => {
    await fc.assert(
      fc.asyncProperty(text, places, async (whole, cuts) => {
        const chunks = cutAt(Buffer.from(whole), cuts);

        expect(await read(inChunks(chunks), { eol })).toEqual(linesOf(whole, eol));
        expect(await read(inPoisonedChunks(chunks), { eol })).toEqual(linesOf(whole, eol));
      }),
      { numRuns: 300 },
    );
  });

  test.each(['utf-16le', 'utf-16be', 'utf-32le', 'windows-1251', 'shift_jis', 'utf-16'])(
    'reads %s wherever it is cut',
    async (charset) => {
      await fc.assert(
        fc.asyncProperty(text, places, async (whole, cuts) => {
          const bytes = iconv.encode(whole, charset, { addBOM: charset === 'utf-16' });
          const expected = linesOf(iconv.decode(bytes, charset, { stripBOM: false }), 'any');

          expect(await read(inChunks(cutAt(bytes, cuts)), { charset, eol: 'any' })).toEqual(expected);
        }),
        { numRuns: 100 },
      );
    },
  );

  test('reads bytes that are no text as U+FFFD, wherever they are cut', async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0x0a, 0xc3, 0x0d, 0x0a, 0xff, 0xfe, 0x41, 0x0a, 0xf0, 0x9f]);
    const expected = linesOf(bytes.toString());

    for (const chunks of allCuts(bytes)) expect(await read(inChunks(chunks))).toEqual(expected);
  });

  test('counts the bytes of a line, not its characters, without its end and the byte order mark', async () => {
    const fitting = Buffer.from('\uFEFFé€\r\nabcde\n\xff\xff\n12345', 'utf8');
    const invalid = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0x0a]);

    for (const chunks of allCuts(fitting)) {
      expect(await read(inChunks(chunks), { maxLineLength: 5 })).toEqual(['é€', 'abcde', 'ÿÿ', '12345']);
    }
    expect(await read(inChunks([invalid]), { maxLineLength: 5 })).toEqual(['\uFFFD'.repeat(5)]);
    await expect(read(inChunks([invalid]), { maxLineLength: 4 })).rejects.toMatchObject({ line: 1 });
    await expect(read(inChunks([Buffer.from('é€\n')]), { maxLineLength: 4 })).rejects.toMatchObject({ line: 1 });
  });

  test('refuses a charset, an eol and a limit that are none', async () => {
    const source = () => PipeReader.from(Buffer.from('a'));

    await expect(async () => read(source(), { charset: 'klingon' })).rejects.toThrow(RangeError);
    await expect(async () => read(source(), { charset: 'base64' })).rejects.toThrow(RangeError);
    await expect(async () => read(source(), { eol: 'cr' as never })).rejects.toThrow(RangeError);
    await expect(async () => read(source(), { maxLineLength: -1 })).rejects.toThrow(RangeError);
  });

  test('ends with an AbortError when its signal is aborted, or cancelPendingRead() is called', async () => {
    const { reader, writer } = new Pipe();
    await writer.write('one\ntw');

    const aborted = read(reader, { signal: AbortSignal.abort('enough') });
    const canceled = aborted.catch(() => {}).then(() => read(reader));
    reader.cancelPendingRead();

    await expect(aborted).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
    await expect(canceled).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a line that is too long', () => {
  test('is a 413 with its number after the lines before it, wherever the text is cut', async () => {
    const bytes = Buffer.from('a\nbc\r\ndefgh\ni\n');

    for (const chunks of allCuts(bytes)) {
      const reader = inChunks(chunks);
      const { items, error } = await collect(readLines(reader, { maxLineLength: 4 }));

      expect(items).toEqual(['a', 'bc']);
      expect(error).toMatchObject({ status: 413, type: 'line.too.long', limit: 4, line: 3 });
      expect((await readAll(reader)).toString()).toBe('defgh\ni\n');
    }
  });

  test('is refused while it arrives', async () => {
    const { reader, writer } = new Pipe();
    const lines = readLines(reader, { maxLineLength: 4 });
    await writer.write('abcdef');

    await expect(lines.next()).rejects.toMatchObject({ type: 'line.too.long', line: 1 });
  });

  test('of many small chunks is walked over once', async () => {
    const chunk = Buffer.alloc(16, 'x');
    const reader = inChunks(Array.from({ length: 20_000 }, () => chunk));

    const { items } = await collect(readLines(reader));

    expect(items.map((line) => line.length)).toEqual([320_000]);
  });
});

describe('a loop over readLines() that is left', () => {
  test.each(['lf', 'any'] as const)('leaves the reader at the first line not handed out (eol: %s)', async (eol) => {
    await fc.assert(
      fc.asyncProperty(text, places, fc.nat(10), async (whole, cuts, count) => {
        const reader = inChunks(cutAt(Buffer.from(whole), cuts));
        const lines = linesOf(whole, eol);
        const taken: string[] = [];

        if (count > 0) {
          for await (const line of readLines(reader, { eol })) {
            taken.push(line);
            if (taken.length === count) break;
          }
        }
        const rest = (await readAll(reader)).toString();

        expect([...taken, ...(count === 0 ? linesOf(rest, eol) : split(rest, eol))]).toEqual(lines);
      }),
      { numRuns: 300 },
    );
  });

  test('gives whoever reads on at once what is there behind the line', async () => {
    const { reader, writer } = new Pipe();
    await writer.write('head\nrest');

    for await (const line of readLines(reader)) {
      expect(line).toBe('head');
      break;
    }

    expect(reader.tryRead()?.buffer.toString()).toBe('rest');
  });

  test('leaves it there in UTF-16 too, where the bytes of a line feed may lie across two characters', async () => {
    const reader = inChunks([Buffer.from('ਊĀ\nb\nc', 'utf16le')]);

    for await (const line of readLines(reader, { charset: 'utf-16le' })) if (line === 'ਊĀ') break;

    expect((await readAll(reader)).toString('utf16le')).toBe('b\nc');
  });

  test('may have completed the reader', async () => {
    const reader = PipeReader.from(Buffer.from('a\nb\n'));
    const taken: string[] = [];

    for await (const line of readLines(reader)) {
      taken.push(line);
      await reader.complete();
      break;
    }

    expect(taken).toEqual(['a']);
  });

  test('may be left by an error', async () => {
    const reader = PipeReader.from(Buffer.from('a\nb\n'));
    const loop = async () => {
      for await (const _line of readLines(reader)) throw new Error('enough');
    };

    await expect(loop()).rejects.toThrow('enough');
    expect((await readAll(reader)).toString()).toBe('b\n');
  });
});

test('calls of next() that are not awaited get their lines in turn', async () => {
  const lines = readLines(inChunks([Buffer.from('a\nb'), Buffer.from('\nc')]));

  const results = await Promise.all([lines.next(), lines.next(), lines.next(), lines.next()]);

  expect(results.map(({ value }) => value)).toEqual(['a', 'b', 'c', undefined]);
});

test('a call of next() that is made while others wait comes after them', async () => {
  const lines = readLines(inChunks([Buffer.from('a\nb\nc')]));

  const first = lines.next();
  const second = lines.next();
  const third = first.then(() => lines.next());

  expect((await Promise.all([second, third])).map(({ value }) => value)).toEqual(['b', 'c']);
});

test('texts that are read at the same time do not mix', async () => {
  const linesOfOne = (letter: string) => Array.from({ length: 200 }, (_, index) => letter.repeat(index));
  const read = (letter: string) => {
    const bytes = Buffer.from(linesOfOne(letter).join('\n'));
    return all(readLines(inChunks(cutAt(bytes, [10, 1_000, 5_000, 9_999]))));
  };

  const texts = await Promise.all([...'abcé'].map(read));

  expect(texts).toEqual([...'abcé'].map(linesOfOne));
});

test('a batch has the lines of 32 KiB at most, however much is buffered', async () => {
  const reader = PipeReader.from(Buffer.from('0123456\n'.repeat(32_768)));

  const batches = await all(readLineBatches(reader));

  expect(Math.max(...batches.map(({ length }) => length))).toBe(4_096);
  expect(batches.flat()).toHaveLength(32_768);
});

describe('the lines of a reader', () => {
  test('may be left twice, and are at their end then', async () => {
    const reader = PipeReader.from(Buffer.from('a\nb\n'));
    const lines = readLines(reader)[Symbol.asyncIterator]();
    await lines.next();

    await lines.return?.();
    await lines.return?.();

    expect(await lines.next()).toEqual({ done: true, value: undefined });
    expect(String(await readAll(reader))).toBe('b\n');
  });

  test('end with an error when the loop answers their read itself', async () => {
    const { reader, writer } = new Pipe();
    await writer.write('a\nb\n');
    const { buffer } = await reader.read();
    reader.advanceTo(buffer.start);

    const loop = async () => {
      for await (const line of readLines(reader)) if (line === 'a') reader.advanceTo(buffer.end);
    };

    await expect(loop()).rejects.toMatchObject({ code: 'ERR_PIPE_NO_READ' });
  });

  test('are read of a reader whose buffers have nothing in common', async () => {
    /** Gives all that came so far in memory of its own, as a subclass may. */
    class CopyingReader extends PipeReader {
      #kept = '';
      #buffer = ReadOnlySequence.empty;
      readonly #pieces: string[];

      constructor(...pieces: string[]) {
        super();
        this.#pieces = pieces;
      }
      async read() {
        return this.tryRead();
      }
      tryRead() {
        this.#kept += this.#pieces.shift() ?? '';
        this.#buffer = ReadOnlySequence.from(Buffer.from(this.#kept));
        return { buffer: this.#buffer, isCompleted: this.#pieces.length === 0, isCanceled: false };
      }
      advanceTo(consumed: SequencePosition) {
        this.#kept = this.#buffer.slice(consumed).toString();
      }
      cancelPendingRead() {}
      async complete() {}
    }

    expect(await all(readLines(new CopyingReader('a', 'b', 'c\nd', '\r', '\ne')))).toEqual(['abc', 'd', 'e']);
  });
});
