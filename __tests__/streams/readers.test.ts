import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { Pipe, PipeReader, PipeWriter } from 'pipebody/pipelines';
import { PoisoningPool } from '../support/poisoning-pool';
import { readAll } from '../support/read-all';

const listenersOf = (stream: Readable) =>
  Object.fromEntries(stream.eventNames().map((name) => [String(name), stream.listenerCount(name)]));

/** A stream that is never at its end by itself. */
const endless = () => new Readable({ read() {} });

describe('PipeReader.from(readable)', () => {
  test('touches the stream only when it is read', async () => {
    let asked = 0;
    const stream = new Readable({
      read() {
        asked += 1;
        this.push(null);
      },
    });
    const reader = PipeReader.from(stream);
    await new Promise(setImmediate);

    expect(asked).toBe(0);
    await reader.read();
    expect(asked).toBeGreaterThan(0);
  });

  test('a stream that closes before its end rejects the read', async () => {
    const stream = endless();
    const reader = PipeReader.from(stream);
    const read = reader.read();

    stream.destroy();

    await expect(read).rejects.toMatchObject({ code: 'ERR_PIPE_PREMATURE_CLOSE' });
  });

  test('a stream that was at its end before gives the end', async () => {
    const stream = Readable.from([]).resume();
    await once(stream, 'end');

    expect((await PipeReader.from(stream).read()).isCompleted).toBe(true);
  });

  test('a stream that had failed before rejects with its error', async () => {
    const failure = new Error('broken');
    const stream = endless();
    stream.on('error', () => {}).destroy(failure);
    await new Promise((resolve) => stream.once('close', resolve));

    await expect(PipeReader.from(stream).read()).rejects.toBe(failure);
  });

  test('a stream that had been closed before its end rejects with ERR_PIPE_PREMATURE_CLOSE', async () => {
    const stream = endless().destroy();

    await expect(PipeReader.from(stream).read()).rejects.toMatchObject({ code: 'ERR_PIPE_PREMATURE_CLOSE' });
  });

  test('with leaveOpen, completed before it read anything, it leaves the stream as it was', async () => {
    const stream = Readable.from([Buffer.from('abc')], { objectMode: false });
    const before = [stream.readableFlowing, listenersOf(stream)];

    await PipeReader.from(stream, { leaveOpen: true }).complete();

    expect([stream.readableFlowing, listenersOf(stream)]).toEqual(before);
    expect(String(await readAll(PipeReader.from(stream)))).toBe('abc');
  });

  test('complete() closes the stream, and settles when it is closed', async () => {
    let isClosed = false;
    const stream = new Readable({
      read() {},
      destroy(_error, callback) {
        setImmediate(() => {
          isClosed = true;
          callback(null);
        });
      },
    });

    await PipeReader.from(stream).complete();

    expect(isClosed).toBe(true);
  });

  test('complete(error) destroys the stream with the error', async () => {
    const failure = new Error('broken');
    const stream = endless();

    await PipeReader.from(stream).complete(failure);

    expect(stream.errored).toBe(failure);
  });

  test('leaveOpen puts back what was not consumed: the next reader gets it first', async () => {
    const stream = Readable.from([Buffer.from('abc'), Buffer.from('def')], { objectMode: false });
    const before = listenersOf(stream);
    const first = PipeReader.from(stream, { leaveOpen: true });
    const { buffer } = await first.readAtLeast(3);
    first.advanceTo(buffer.getPosition(2));
    await first.complete();

    expect(listenersOf(stream)).toEqual(before);
    const rest = new Promise<string>((resolve) => {
      let text = '';
      stream.on('data', (chunk) => {
        text += chunk;
      });
      stream.on('end', () => resolve(text));
    });
    expect(await rest).toBe('cdef');
  });

  test('leaves no listener behind after the end', async () => {
    const stream = new PassThrough();
    const before = listenersOf(stream);
    const reader = PipeReader.from(stream);
    stream.end('abc');

    await readAll(reader);
    await reader.complete();

    expect(listenersOf(stream)).toEqual(before);
  });

  test('pauses a stream that brings more than is examined', async () => {
    let produced = 0;
    const stream = new Readable({
      read() {
        produced += 65_536;
        this.push(Buffer.alloc(65_536));
      },
    });
    const reader = PipeReader.from(stream);

    await reader.read();
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);

    expect(produced).toBeLessThan(1_000_000);
    await reader.complete();
  });

  test('text of a stream with an encoding becomes bytes again', async () => {
    const stream = Readable.from([Buffer.from('é€😀')], { objectMode: false });
    stream.setEncoding('utf8');

    expect(String(await readAll(PipeReader.from(stream)))).toBe('é€😀');
  });

  test('a stream of objects is refused', async () => {
    await expect(readAll(PipeReader.from(Readable.from([{ a: 1 }])))).rejects.toMatchObject({
      code: 'ERR_PIPE_NOT_BYTES',
    });
  });

  test.each([[5], [null], ['text'], [{}], [new Writable()]])('%p is refused with a TypeError', (source) => {
    expect(() => PipeReader.from(source as never)).toThrow(TypeError);
  });

  test.each([{ bufferSize: 0 }, { minimumReadSize: -1 }, { bufferSize: 1.5 }])('refuses the options %p', (options) => {
    expect(() => PipeReader.from(Buffer.alloc(1), options)).toThrow(RangeError);
  });
});

describe('PipeReader.from(iterable)', () => {
  test('a read that was given up does not ask for a second chunk', async () => {
    let asked = 0;
    let give = (_chunk: Buffer) => {};
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          asked += 1;
          return new Promise<IteratorResult<Buffer>>((resolve) => {
            give = (value) => resolve({ done: false, value });
          });
        },
      }),
    };
    const reader = PipeReader.from(source);
    const controller = new AbortController();
    const aborted = reader.read({ signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });

    const read = reader.read();
    give(Buffer.from('abc'));

    expect([(await read).buffer.toString(), asked]).toEqual(['abc', 1]);
  });

  test('a source that fails without a reason rejects with an error', async () => {
    const source = new ReadableStream({ start: (controller) => controller.error() });

    await expect(PipeReader.from(source as never).read()).rejects.toThrow('The source failed without a reason.');
  });

  test('complete() runs the finally of a generator', async () => {
    let isDone = false;
    async function* produce() {
      try {
        yield Buffer.from('a');
        yield Buffer.from('b');
      } finally {
        isDone = true;
      }
    }
    const reader = PipeReader.from(produce());
    await reader.read();

    await reader.complete();

    expect(isDone).toBe(true);
  });
});

describe('PipeReader.from(webStream)', () => {
  test('complete(error) cancels the stream with the error', async () => {
    const failure = new Error('broken');
    let reason: unknown;
    const stream = new ReadableStream({
      cancel(error) {
        reason = error;
      },
    });

    await PipeReader.from(stream as never).complete(failure);

    expect(reason).toBe(failure);
  });

  test('leaveOpen lets go of the lock', async () => {
    const stream = new ReadableStream();

    await PipeReader.from(stream as never, { leaveOpen: true }).complete();

    expect(stream.locked).toBe(false);
  });
});

describe('reader.asStream()', () => {
  test('takes from the pipe only what is asked for', async () => {
    const { reader, writer } = new Pipe();
    await writer.write('abc');
    reader.asStream();
    await new Promise(setImmediate);

    expect(reader.tryRead()?.buffer.toString()).toBe('abc');
  });

  test('destroy(error) completes the reader with that error', async () => {
    const failure = new Error('broken');
    const { reader, writer } = new Pipe();
    const stream = reader.asStream();
    const failed = once(stream, 'error').catch((error) => [error]);

    stream.destroy(failure);
    await failed;

    await expect(writer.flush()).rejects.toBe(failure);
  });

  test('its end completes the reader; with leaveOpen it does not', async () => {
    const read = async (leaveOpen: boolean) => {
      const { reader, writer } = new Pipe();
      await writer.complete();
      await once(reader.asStream({ leaveOpen }).resume(), 'close');
      return reader.read().then(
        () => 'open',
        (error) => error.code,
      );
    };

    expect([await read(false), await read(true)]).toEqual(['ERR_PIPE_READER_COMPLETED', 'open']);
  });

  test('destroyed with leaveOpen while it waits, it loses no byte and leaves the reader free', async () => {
    const { reader, writer } = new Pipe();
    const stream = reader.asStream({ leaveOpen: true }).resume();
    await new Promise(setImmediate);

    stream.destroy();
    await once(stream, 'close');
    await writer.write('abc');

    expect((await reader.read()).buffer.toString()).toBe('abc');
  });

  test('destroyed with leaveOpen when bytes have just come, it loses no byte and leaves the reader free', async () => {
    const { reader, writer } = new Pipe();
    const stream = reader.asStream({ leaveOpen: true }).resume();
    await new Promise(setImmediate);

    void writer.write('abc');
    stream.destroy();
    await once(stream, 'close');

    expect((await reader.read()).buffer.toString()).toBe('abc');
  });

  test('paused before bytes come, it takes none of them', async () => {
    const { reader, writer } = new Pipe();
    const stream = reader.asStream().resume();
    await new Promise(setImmediate);

    stream.pause();
    await writer.write('abc');

    expect((await reader.read()).buffer.toString()).toBe('abc');
  });

  test.each([
    [undefined, 'broken'],
    [new Error('enough'), 'enough'],
  ])('destroy(%p) fails with the first error when its source cannot be closed', async (given, expected) => {
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: () => Promise.reject(new Error('broken')),
      }),
    };
    const stream = PipeReader.from(source).asStream();
    const failed = once(stream, 'error').catch((error) => [error]);

    stream.destroy(given);

    expect((await failed)[0]).toMatchObject({ message: expected });
  });

  test.each([false, true])('with leaveOpen %p, destroyed as it gives a chunk, it gives no more', async (leaveOpen) => {
    const { reader, writer } = new Pipe();
    await writer.write('abc');
    const stream = reader.asStream({ leaveOpen });
    const chunks: string[] = [];

    stream.on('data', (chunk) => {
      chunks.push(String(chunk));
      stream.destroy();
    });
    await once(stream, 'close');
    await writer.write('def');

    const next = reader.read().then(
      ({ buffer }) => buffer.toString(),
      ({ code }) => code,
    );
    expect([chunks, await next]).toEqual([['abc'], leaveOpen ? 'def' : 'ERR_PIPE_READER_COMPLETED']);
  });

  test('with leaveOpen, destroyed between two chunks, it leaves the second to the reader', async () => {
    const { reader, writer } = new Pipe({ minimumSegmentSize: 3 });
    const stream = reader.asStream({ leaveOpen: true });
    const chunks: string[] = [];

    stream.on('data', (chunk) => {
      chunks.push(String(chunk));
      stream.destroy();
    });
    await new Promise(setImmediate);
    for (const text of ['abc', 'def']) writer.advance(writer.getMemory(3).write(text));
    await writer.flush();
    if (!stream.closed) await once(stream, 'close');

    expect([chunks, (await reader.read()).buffer.toString()]).toEqual([['abc'], 'def']);
  });

  test.each([false, true])('with leaveOpen %p, destroyed as it gives what it waited for', async (leaveOpen) => {
    const { reader, writer } = new Pipe();
    const stream = reader.asStream({ leaveOpen });
    stream.on('data', () => stream.destroy());
    await new Promise(setImmediate);

    await writer.write('abc');
    if (!stream.closed) await once(stream, 'close');
    await writer.write('def');

    const next = reader.read().then(
      ({ buffer }) => buffer.toString(),
      ({ code }) => code,
    );
    expect(await next).toBe(leaveOpen ? 'def' : 'ERR_PIPE_READER_COMPLETED');
  });

  test('a cancelled read fails it with an AbortError', async () => {
    const { reader } = new Pipe();
    const stream = reader.asStream().resume();
    const failed = once(stream, 'error').catch((error) => [error]);
    await new Promise(setImmediate);

    reader.cancelPendingRead();

    expect((await failed)[0]).toMatchObject({ name: 'AbortError' });
  });
});

describe('reader.asWebStream()', () => {
  test('cancelled with leaveOpen while nobody waits, it leaves the reader as it was', async () => {
    const { reader, writer } = new Pipe();
    await reader.asWebStream({ leaveOpen: true }).cancel();
    await writer.write('abc');

    const { isCanceled, buffer } = await reader.read();

    expect([isCanceled, buffer.toString()]).toEqual([false, 'abc']);
  });
});

describe('a reader that is iterated', () => {
  test('says so when its loop answered the read itself', async () => {
    const { reader, writer } = new Pipe();
    await writer.write('abc');
    const { buffer } = await reader.read();
    reader.advanceTo(buffer.start);

    const loop = async () => {
      for await (const _ of reader) reader.advanceTo(buffer.end);
    };

    await expect(loop()).rejects.toMatchObject({ code: 'ERR_PIPE_NO_READ' });
  });

  test('may be completed within the loop', async () => {
    const { reader, writer } = new Pipe();
    await writer.write('abc');

    for await (const _ of reader) {
      await reader.complete();
      break;
    }

    await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_PIPE_READER_COMPLETED' });
  });
});

describe('memory of a pool', () => {
  test.each(['asStream', 'asWebStream'] as const)('is never still held by what %s gave out', async (view) => {
    const pool = new PoisoningPool();
    const { reader, writer } = new Pipe({ pool, minimumSegmentSize: 16 });
    const write = async () => {
      for (let count = 0; count < 100; count += 1) await writer.write(`line ${count}\n`);
      await writer.complete();
    };
    const kept: Buffer[] = [];
    const read = async () => {
      for await (const chunk of reader[view]())
        kept.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    };

    await Promise.all([write(), read()]);

    expect(Buffer.concat(kept).toString()).toBe(Array.from({ length: 100 }, (_, count) => `line ${count}\n`).join(''));
    expect(pool.lent.size).toBe(0);
  });

  test('is never still held by a PassThrough that a writer wrote to', async () => {
    const pool = new PoisoningPool();
    const stream = new PassThrough({ highWaterMark: 1_000_000 });
    const writer = PipeWriter.from(stream, { pool, minimumBufferSize: 16 });
    let expected = '';
    for (let count = 0; count < 100; count += 1) {
      const line = `line ${count}\n`;
      expected += line;
      writer.advance(writer.getMemory(line.length).write(line));
      if (count % 3 === 0) await writer.flush();
    }
    const completed = writer.complete();

    expect(String(await readAll(PipeReader.from(stream)))).toBe(expected);
    await completed;
    expect(pool.lent.size).toBe(0);
  });

  test('goes back once when the writer is completed with an error', async () => {
    const pool = new PoisoningPool();
    const stream = new PassThrough().on('error', () => {});
    const writer = PipeWriter.from(stream, { pool });
    writer.advance(writer.getMemory(10).write('unflushed'));

    await writer.complete(new Error('broken'));

    expect([pool.rentedCount, pool.lent.size]).toEqual([1, 0]);
  });
});
