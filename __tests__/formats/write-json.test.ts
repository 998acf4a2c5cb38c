import fc from 'fast-check';
import {
  Pipe,
  type PipeWriter,
  readJsonArray,
  readJsonLines,
  writeJson,
  writeJsonArray,
  writeJsonLines,
} from 'pipebody';
import { collect } from '../support/in-chunks';
import { readAll } from '../support/read-all';

const waysToWrite = [
  ['writeJsonLines()', writeJsonLines, readJsonLines],
  ['writeJsonArray()', writeJsonArray, readJsonArray],
] as const;

/** Waits for what a pipe brings until it satisfies. */
async function readUntil({ reader }: Pipe, isEnough: (text: string) => boolean): Promise<string> {
  for (;;) {
    const { buffer } = await reader.read();
    const text = buffer.toString();
    reader.advanceTo(isEnough(text) ? buffer.end : buffer.start, buffer.end);
    if (isEnough(text)) return text;
  }
}

/** Gives values for ever, and says when it was stopped. */
class Endless {
  isStopped = false;
  count = 0;
  readonly values: AsyncIterable<unknown>;

  constructor(value: unknown) {
    this.values = this.#produce(value);
  }

  async *#produce(value: unknown) {
    try {
      for (;;) {
        this.count += 1;
        yield value;
      }
    } finally {
      this.isStopped = true;
    }
  }
}

// biome-ignore lint/correctness/useYield: it fails before its first value.
async function* failing(): AsyncGenerator<unknown> {
  throw new TypeError('The database is gone.');
}

describe.each(waysToWrite)('%s', (_name, write, read) => {
  test('writes what its reader reads, from iterables of every kind, and leaves the writer open', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.nat(2), async (values, kind) => {
        const { reader, writer } = new Pipe();
        const sources = [
          values,
          values.map(async (value) => value),
          (async function* () {
            yield* values;
          })(),
        ];

        const result = write(writer, sources[kind] as never).then((flushed) => writer.complete().then(() => flushed));

        expect((await collect(read(reader))).items).toEqual(JSON.parse(JSON.stringify(values)));
        expect(await result).toEqual({ isCompleted: false, isCanceled: false });
      }),
    );
  });

  test('waits for the reader, and stops the producer when nobody reads any more', async () => {
    const { reader, writer } = new Pipe();
    const producer = new Endless('x'.repeat(1_000));

    const result = write(writer, producer.values);
    await new Promise(setImmediate);
    expect(producer.count).toBeLessThan(100);
    await reader.complete();

    expect(await result).toMatchObject({ isCompleted: true });
    expect(producer.isStopped).toBe(true);
  });

  test('an error of the producer reaches the reader, so that nothing looks whole', async () => {
    const { reader, writer } = new Pipe();
    const values = (async function* () {
      yield 1;
      throw new Error('The database is gone.');
    })();

    const result = write(writer, values);

    await expect(result).rejects.toThrow('The database is gone.');
    await expect(readAll(reader)).rejects.toThrow('The database is gone.');
  });

  test('a value that is no JSON stops the producer and reaches the reader', async () => {
    const { reader, writer } = new Pipe();
    let isStopped = false;
    const values = (function* () {
      try {
        yield* [1, 1n];
      } finally {
        isStopped = true;
      }
    })();

    await expect(write(writer, values)).rejects.toThrow(TypeError);

    expect(isStopped).toBe(true);
    await expect(readAll(reader)).rejects.toThrow(TypeError);
  });

  test.each<[string, () => Iterable<unknown> | AsyncIterable<unknown>]>([
    ['an error of the producer', failing],
    ['a promise that fails', () => [Promise.reject(new TypeError('The database is gone.'))]],
    ['a value that is no JSON', () => new Endless(1n).values],
  ])('%s before anything was written leaves the writer as it was', async (_what, makeValues) => {
    const { reader, writer } = new Pipe();

    await expect(write(writer, makeValues())).rejects.toThrow(TypeError);
    await writer.write('another answer');
    await writer.complete();

    expect((await readAll(reader)).toString()).toBe('another answer');
  });

  test('what was written is flushed while the producer waits', async () => {
    const pipe = new Pipe();
    let goOn = () => {};
    const values = (async function* () {
      yield 'first';
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield 'second';
    })();

    const result = write(pipe.writer, values, { flushInterval: 1 });
    expect(await readUntil(pipe, (text) => text.includes('first'))).not.toContain('second');
    goOn();

    expect(await readUntil(pipe, (text) => text.includes('second'))).toContain('second');
    await result;
  });

  test('leaves turns to everything else while nothing is waited for', async () => {
    const { reader, writer } = new Pipe();
    const controller = new AbortController();
    const values = (function* () {
      for (;;) yield 'x';
    })();
    const read = readAll(reader).catch(() => {});

    setImmediate(() => controller.abort());

    await expect(write(writer, values, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    await read;
  });

  test('an aborted signal ends the wait for the producer, and reaches the reader', async () => {
    const { reader, writer } = new Pipe();
    const controller = new AbortController();
    const values = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };

    const result = write(writer, values, { signal: controller.signal });
    await new Promise(setImmediate);
    controller.abort('enough');

    await expect(result).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
    await expect(readAll(reader)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('an aborted signal ends the wait for the reader, and stops the producer', async () => {
    const { writer } = new Pipe();
    const controller = new AbortController();
    const producer = new Endless('x'.repeat(1_000));

    const result = write(writer, producer.values, { signal: controller.signal });
    await new Promise(setImmediate);
    controller.abort();

    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
    expect(producer.isStopped).toBe(true);
  });

  test('a flush that finds nobody reading stops a producer that is waited for', async () => {
    const { reader, writer } = new Pipe();
    const values = (async function* () {
      yield 1;
      await new Promise(() => {});
    })();
    await reader.complete();

    expect(await write(writer, values, { flushInterval: 1 })).toMatchObject({ isCompleted: true });
  });

  test('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    const added: unknown[] = [];
    const listening = { add: signal.addEventListener, remove: signal.removeEventListener };
    signal.addEventListener = (...args: never) => added.push(args[1]) && listening.add.apply(signal, args);
    signal.removeEventListener = (...args: never) => {
      added.splice(added.indexOf(args[1]), 1);
      listening.remove.apply(signal, args);
    };

    await write(new Pipe().writer, [1, 2], { signal });

    expect(added).toEqual([]);
  });

  test('refuses a flushInterval that is none', async () => {
    await expect(write(new Pipe().writer, [], { flushInterval: -1 })).rejects.toThrow(RangeError);
  });
});

describe('the texts', () => {
  const textOf = async (write: (writer: PipeWriter) => Promise<unknown>): Promise<string> => {
    const { reader, writer } = new Pipe();
    await write(writer);
    await writer.complete();
    return (await readAll(reader)).toString();
  };

  test('are those of JSON.stringify', async () => {
    const values = [1, undefined, 'é\n', { a: [] }];

    expect(await textOf((writer) => writeJsonArray(writer, values))).toBe(JSON.stringify(values));
    expect(await textOf((writer) => writeJsonArray(writer, []))).toBe('[]');
    expect(await textOf((writer) => writeJsonLines(writer, values))).toBe('1\nnull\n"é\\n"\n{"a":[]}\n');
    expect(await textOf((writer) => writeJsonLines(writer, []))).toBe('');
    expect(await textOf((writer) => writeJson(writer, { a: 'é' }))).toBe('{"a":"é"}');
  });

  test('flushInterval 0 flushes after every value', async () => {
    const pipe = new Pipe({ pauseWriterThreshold: 1 });
    const values = [1, 2];

    const result = writeJsonLines(pipe.writer, values, { flushInterval: 0 });

    expect(await readUntil(pipe, (text) => text.endsWith('\n'))).toBe('1\n');
    expect(await readUntil(pipe, (text) => text.endsWith('\n'))).toBe('2\n');
    await result;
  });
});

describe('a flush that the time began', () => {
  /** A pipe whose flushes wait for the reader; values, the second of which is told when the first one can be read. */
  const started = (rest: () => unknown[]) => {
    const pipe = new Pipe({ pauseWriterThreshold: 1 });
    let goOn = () => {};
    const values = (async function* () {
      yield 'first';
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield* rest();
    })();
    const written = writeJsonLines(pipe.writer, values, { flushInterval: 1 });
    written.catch(() => {});
    return { pipe, written, goOn: () => goOn() };
  };

  test.each([
    ['the next value', ['second'], '"first"\n"second"\n'],
    ['the end', [], '"first"\n'],
  ])('is awaited by %s', async (_what, rest, expected) => {
    const { pipe, written, goOn } = started(() => rest);
    const { buffer } = await pipe.reader.read();
    const first = buffer.toString();
    goOn();
    await new Promise(setImmediate);
    pipe.reader.advanceTo(buffer.end);

    const [text] = await Promise.all([readAll(pipe.reader), written.then(() => pipe.writer.complete())]);

    expect(first + String(text)).toBe(expected);
  });

  test('fails what is written when the reader fails meanwhile', async () => {
    const failure = new Error('broken');
    const { pipe, written } = started(() => []);
    await pipe.reader.read();

    await pipe.reader.complete(failure);

    await expect(written).rejects.toBe(failure);
  });
});

test.each(waysToWrite)('%s ends with an AbortError when its flush is cancelled', async (_name, write) => {
  const { writer } = new Pipe({ pauseWriterThreshold: 1 });
  const written = write(writer, [1, 2], { flushInterval: 0 });

  writer.cancelPendingFlush();

  await expect(written).rejects.toMatchObject({ name: 'AbortError' });
});

test.each(waysToWrite)(
  '%s with a signal that was aborted before stops the producer, and writes nothing',
  async (_n, write) => {
    const { reader, writer } = new Pipe();
    const endless = new Endless(1);

    await expect(write(writer, endless.values, { signal: AbortSignal.abort('why') })).rejects.toMatchObject({
      name: 'AbortError',
      cause: 'why',
    });

    expect(endless.count).toBe(0);
    await expect(reader.read()).rejects.toMatchObject({ name: 'AbortError' });
  },
);

test.each(waysToWrite)('%s takes the steps of an iterator that says no "done"', async (_name, write, read) => {
  const steps: object[] = [{ value: 1 }, { value: 2 }, { done: true }];
  const { reader, writer } = new Pipe();

  await write(writer, { [Symbol.asyncIterator]: () => ({ next: async () => steps.shift() as never }) });
  await writer.complete();

  expect((await collect(read(reader))).items).toEqual([1, 2]);
});
