import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Pipe, PipeReader, PipeWriter } from 'pipebody/pipelines';
import { readAll } from '../support/read-all';

const failingAt = (count: number, failure: Error) => {
  let written = 0;
  return new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, callback) => {
      written += 1;
      callback(written > count ? failure : null);
    },
  });
};

describe('copyTo()', () => {
  test.each([
    ['a Writable', () => new PassThrough(), (stream: PassThrough) => text(stream.end() as never)],
    [
      'a web stream',
      () => new TransformStream<Uint8Array>(undefined, { highWaterMark: 10 }).writable,
      () => Promise.resolve('abcdef'),
    ],
  ] as const)('writes everything to %s and leaves it open', async (_name, create, read) => {
    const destination = create();

    await PipeReader.from(Buffer.from('abcdef')).copyTo(destination as never);

    expect(await read(destination as never)).toBe('abcdef');
  });

  test('writes everything to a writer, at the pace of its reader, and completes neither', async () => {
    const source = new Pipe();
    const destination = new Pipe({ pauseWriterThreshold: 10 });
    await source.writer.write('x'.repeat(1_000));
    void source.writer.complete();

    const copied = source.reader.copyTo(destination.writer).then(() => destination.writer.complete());
    const [received] = await Promise.all([readAll(destination.reader), copied]);

    expect(received.length).toBe(1_000);
    expect((await source.reader.read()).isCompleted).toBe(true);
  });

  test('a failed write loses nothing: the reader stands before the segment that failed', async () => {
    const failure = new Error('broken');
    const reader = PipeReader.from(
      Readable.from([Buffer.from('ab'), Buffer.from('cd'), Buffer.from('ef')], { objectMode: false }),
    );

    await expect(reader.copyTo(failingAt(1, failure))).rejects.toBe(failure);

    expect('abcdef'.endsWith(String(await readAll(reader)))).toBe(true);
  });

  test('cancelPendingRead makes it reject with an AbortError', async () => {
    const { reader } = new Pipe();
    const copied = reader.copyTo(new PassThrough());

    reader.cancelPendingRead();

    await expect(copied).rejects.toMatchObject({ name: 'AbortError' });
  });

  describe('to a destination that is stuck', () => {
    const full = () => new Writable({ highWaterMark: 1, write() {} });
    const destinations: [string, () => PipeWriter | Writable | WritableStream][] = [
      ['a Writable that is full', full],
      ['a Writable that took the bytes and never says so', () => new Writable({ write() {} })],
      ['a web stream', () => new WritableStream({ write: () => new Promise(() => {}) })],
      ['a writer', () => PipeWriter.from(full())],
      ['a pipe', () => new Pipe({ pauseWriterThreshold: 1 }).writer],
    ];

    test.each(destinations)('%s: cancelPendingRead makes it reject, and no later read', async (_name, create) => {
      const { reader, writer } = new Pipe();
      await writer.write('abc');
      const copied = reader.copyTo(create() as Writable);
      void writer.complete();
      await new Promise(setImmediate);

      reader.cancelPendingRead();

      await expect(copied).rejects.toMatchObject({ name: 'AbortError' });
      expect(await reader.read()).toMatchObject({ isCanceled: false, isCompleted: true });
    });

    test.each(destinations)('%s: an aborted signal makes it reject', async (_name, create) => {
      const controller = new AbortController();
      const copied = PipeReader.from(Buffer.from('abc')).copyTo(create() as Writable, { signal: controller.signal });
      await new Promise(setImmediate);

      controller.abort('why');

      await expect(copied).rejects.toMatchObject({ name: 'AbortError', cause: 'why' });
    });

    test('a cancelled copy leaves no listener on it', async () => {
      const stuck = new Writable({ write() {} });
      const reader = PipeReader.from(Buffer.from('abc'));
      const copied = reader.copyTo(stuck);
      await new Promise(setImmediate);
      reader.cancelPendingRead();
      await expect(copied).rejects.toMatchObject({ name: 'AbortError' });

      expect(stuck.eventNames()).toEqual(new Writable().eventNames());
    });

    test('it may abort as it takes the bytes', async () => {
      const controller = new AbortController();
      const stuck = new Writable({ write: () => controller.abort('why') });
      const copied = PipeReader.from(Buffer.from('abc')).copyTo(stuck, { signal: controller.signal });

      await expect(copied).rejects.toMatchObject({ name: 'AbortError', cause: 'why' });
    });

    test('it may cancel as it takes the bytes', async () => {
      const reader = PipeReader.from(Buffer.from('abc'));
      const stuck = new Writable({ highWaterMark: 1, write: () => reader.cancelPendingRead() });

      await expect(reader.copyTo(stuck)).rejects.toMatchObject({ name: 'AbortError' });
    });
  });

  test('cancelPendingFlush of its destination makes it reject while it waits for its source', async () => {
    const source = new Pipe();
    const { writer } = new Pipe();
    const copied = source.reader.copyTo(writer);
    await new Promise(setImmediate);

    writer.cancelPendingFlush();

    await expect(copied).rejects.toMatchObject({ name: 'AbortError' });
    expect(await writer.flush()).toEqual({ isCanceled: false, isCompleted: false });
  });

  test('settles when the last write is done', async () => {
    let taken: (() => void) | undefined;
    const destination = new Writable({
      write(_chunk, _encoding, callback) {
        taken = callback;
      },
    });
    let isDone = false;
    const copied = PipeReader.from(Buffer.from('abc'))
      .copyTo(destination)
      .then(() => (isDone = true));
    await new Promise(setImmediate);

    const wasDone = isDone;
    taken?.();
    await copied;

    expect(wasDone).toBe(false);
  });

  test('after it, a cancellation is for the next read and the next flush again', async () => {
    const { reader, writer } = new Pipe();
    await PipeReader.from(Buffer.from('abc')).copyTo(writer);
    void writer.complete();
    const destination = new Pipe();
    await reader.copyTo(destination.writer);

    reader.cancelPendingRead();
    destination.writer.cancelPendingFlush();

    expect(await reader.read()).toMatchObject({ isCanceled: true });
    expect(await destination.writer.flush()).toMatchObject({ isCanceled: true });
  });

  test('a second one is refused, and the first one can still be cancelled', async () => {
    const { reader } = new Pipe();
    const first = reader.copyTo(new PassThrough());
    await expect(reader.copyTo(new PassThrough())).rejects.toMatchObject({ code: 'ERR_PIPE_READ_IN_PROGRESS' });

    reader.cancelPendingRead();

    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a signal makes it reject with an AbortError', async () => {
    const { reader } = new Pipe();
    const controller = new AbortController();
    const copied = reader.copyTo(new PassThrough(), { signal: controller.signal });

    controller.abort('why');

    await expect(copied).rejects.toMatchObject({ name: 'AbortError', cause: 'why' });
  });

  test('an aborted copy that is tried again repeats no byte', async () => {
    const { reader, writer } = new Pipe({ pauseWriterThreshold: 1 });
    const source = PipeReader.from(Readable.from([Buffer.from('abc'), Buffer.from('def')], { objectMode: false }));
    const controller = new AbortController();
    const aborted = source.copyTo(writer, { signal: controller.signal });
    await new Promise(setImmediate);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });

    const copied = source.copyTo(writer).then(() => writer.complete());

    expect(String(await readAll(reader))).toBe('abcdef');
    await copied;
  });

  test('stops when nobody reads the destination any more', async () => {
    const destination = new Pipe();
    await destination.reader.complete();

    await PipeReader.from(Buffer.from('abc')).copyTo(destination.writer);
  });

  test.each([
    ['at once', (fail: () => void) => fail()],
    ['later', (fail: () => void) => void setImmediate(fail)],
  ])('rejects with the error of a destination that fails at the last chunk %s', async (_when, soon) => {
    const failure = new Error('broken');
    const destination = new Writable({ write: (_chunk, _encoding, callback) => soon(() => callback(failure)) });

    await expect(PipeReader.from(Buffer.from('abc')).copyTo(destination)).rejects.toBe(failure);

    expect(destination.eventNames()).toEqual(new Writable().eventNames());
  });

  test('rejects with the error of a web stream that fails at the last chunk', async () => {
    const failure = new Error('broken');
    const destination = new WritableStream({ write: () => Promise.reject(failure) });

    await expect(PipeReader.from(Buffer.from('abc')).copyTo(destination as never)).rejects.toBe(failure);

    expect(destination.locked).toBe(false);
  });

  test('leaves no listener on the destination', async () => {
    const destination = new PassThrough();
    const count = () => destination.eventNames().map((name) => destination.listenerCount(name));
    const before = count();

    await PipeReader.from(Buffer.from('abc')).copyTo(destination);

    expect(count()).toEqual(before);
  });
});

describe('copyFrom()', () => {
  test.each([
    ['a Readable', () => Readable.from([Buffer.from('abc'), Buffer.from('def')], { objectMode: false })],
    ['a web stream', () => new Blob(['abcdef']).stream() as never],
    [
      'an async iterable',
      async function* () {
        yield Buffer.from('abc');
        yield Buffer.from('def');
      },
    ],
  ])('writes all that %s brings and does not complete the writer', async (_name, create) => {
    const { reader, writer } = new Pipe();

    await writer.copyFrom(create());
    await writer.write('!');
    await writer.complete();

    expect(String(await readAll(reader))).toBe('abcdef!');
  });

  test('cancelPendingFlush makes it reject with an AbortError', async () => {
    const { writer } = new Pipe({ pauseWriterThreshold: 1 });
    const copied = writer.copyFrom(Readable.from([Buffer.from('abc')], { objectMode: false }));
    await new Promise(setImmediate);

    writer.cancelPendingFlush();

    await expect(copied).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('cancelPendingFlush makes it reject while it waits for its source, and no later flush', async () => {
    const { writer } = new Pipe();
    const source = new PassThrough();
    const copied = writer.copyFrom(source);
    await new Promise(setImmediate);

    writer.cancelPendingFlush();

    await expect(copied).rejects.toMatchObject({ name: 'AbortError' });
    expect(await writer.flush()).toEqual({ isCanceled: false, isCompleted: false });
    expect(source.destroyed).toBe(false);
  });

  test('a source that fails rejects with its error', async () => {
    const failure = new Error('broken');
    const { writer } = new Pipe();
    const source = new Readable({
      read() {
        this.destroy(failure);
      },
    });

    await expect(writer.copyFrom(source)).rejects.toBe(failure);
  });
});

describe('writer.asStream()', () => {
  test('its end completes the writer; with leaveOpen it does not', async () => {
    const first = new Pipe();
    first.writer.asStream().end('abc');
    const second = new Pipe();
    await new Promise<void>((resolve) => second.writer.asStream({ leaveOpen: true }).end('abc', () => resolve()));
    await second.writer.write('def');
    await second.writer.complete();

    expect(String(await readAll(first.reader))).toBe('abc');
    expect(String(await readAll(second.reader))).toBe('abcdef');
  });

  test.each([[new Error('broken')], [undefined]])('destroy(%p) before its end fails the reader', async (failure) => {
    const { reader, writer } = new Pipe();
    const stream = writer.asStream().on('error', () => {});
    stream.write('abc');

    stream.destroy(failure);

    await expect(reader.readAtLeast(10)).rejects.toMatchObject(failure ?? { code: 'ERR_PIPE_PREMATURE_CLOSE' });
  });

  test('closes itself when nobody reads any more, so that a producer stops', async () => {
    const { reader, writer } = new Pipe();
    await reader.complete();
    const stream = writer.asStream();

    stream.write('abc');
    await new Promise((resolve) => stream.once('close', resolve));

    expect(stream.destroyed).toBe(true);
  });

  test('fails with an AbortError when the flush is cancelled', async () => {
    const { writer } = new Pipe({ pauseWriterThreshold: 1 });
    const stream = writer.asStream();
    const failed = once(stream, 'error').catch((error) => [error]);
    stream.write('abc');

    writer.cancelPendingFlush();

    expect((await failed)[0]).toMatchObject({ name: 'AbortError' });
  });

  test('fails when many writes come after the writer was completed', async () => {
    const { writer } = new Pipe();
    const stream = writer.asStream();
    const failed = once(stream, 'error').catch((error) => [error]);
    stream.cork();
    stream.write('abc');
    stream.write('def');

    await writer.complete();
    stream.uncork();

    expect((await failed)[0]).toMatchObject({ code: 'ERR_PIPE_WRITER_COMPLETED' });
  });

  test('many small writes leave together', async () => {
    const { reader, writer } = new Pipe();
    const stream = writer.asStream();
    stream.cork();
    for (const letter of 'abcdef') stream.write(letter);
    stream.uncork();
    stream.end();

    expect(String(await readAll(reader))).toBe('abcdef');
  });
});

describe('writer.asWebStream()', () => {
  test('abort(reason) completes the writer with the reason', async () => {
    const failure = new Error('broken');
    const { reader, writer } = new Pipe();

    await writer.asWebStream().abort(failure);

    await expect(reader.read()).rejects.toBe(failure);
  });

  test('carries bytes and the end', async () => {
    const { reader, writer } = new Pipe();
    const sink = writer.asWebStream().getWriter();

    await sink.write(Buffer.from('abc'));
    await sink.close();

    expect(String(await readAll(reader))).toBe('abc');
  });
});

test('a pipe writer of something else is refused with a TypeError', () => {
  expect(() => PipeWriter.from({} as never)).toThrow(TypeError);
});
