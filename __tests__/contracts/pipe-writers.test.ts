import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Pipe, PipeReader, PipeWriter } from 'pipebody';
import { readAll } from '../support/read-all';
import { describePipeWriter, type WriterFactory } from './pipe-writer-contract';

const factories: WriterFactory[] = [
  {
    name: 'a Pipe',
    create: () => {
      const { reader, writer } = new Pipe();
      return {
        writer,
        received: async () => String(await readAll(reader)),
        stopReading: () => reader.complete(),
      };
    },
  },
  {
    name: 'a PassThrough',
    create: () => {
      const stream = new PassThrough();
      return {
        writer: PipeWriter.from(stream),
        received: () => text(stream),
        stopReading: () => {
          stream.destroy();
          return once(stream, 'close');
        },
      };
    },
  },
  {
    name: 'a writer as a stream as a writer',
    create: () => {
      const { reader, writer } = new Pipe({ pauseWriterThreshold: 1_000 });
      const stream = writer.asStream();
      return {
        writer: PipeWriter.from(stream),
        received: async () => String(await readAll(reader)),
        stopReading: async () => {
          await reader.complete();
          // The view learns it by writing.
          if (!stream.writableNeedDrain) stream.write('x');
          if (!stream.closed) await once(stream, 'close');
        },
      };
    },
  },
];

for (const factory of factories) describePipeWriter(factory);

describe('a writer of a web stream', () => {
  test('writes, waits and closes', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = PipeWriter.from(writable as never);

    const all = text(readable as never);
    await writer.write('hello ');
    await writer.write('web');
    await writer.complete();

    expect(await all).toBe('hello web');
  });

  test('complete(error) aborts it with the error', async () => {
    const failure = new Error('broken');
    let reason: unknown;
    const writer = PipeWriter.from(
      new WritableStream({
        abort(error) {
          reason = error;
        },
      }) as never,
    );

    await writer.complete(failure);

    expect(reason).toBe(failure);
  });

  test('a stream that fails rejects the write with its error', async () => {
    const failure = new Error('broken');
    const writer = PipeWriter.from(
      new WritableStream({
        write() {
          throw failure;
        },
      }) as never,
    );

    await expect(writer.write('lost')).rejects.toBe(failure);
    await expect(writer.write('more')).rejects.toBe(failure);
    await expect(writer.complete()).rejects.toBe(failure);
  });

  test('a stream that was closed needs no closing', async () => {
    const stream = new WritableStream<Uint8Array>();
    await stream.close();
    const writer = PipeWriter.from(stream as never);

    expect(await writer.write('for nobody')).toMatchObject({ isCompleted: true });
    await writer.complete();
  });

  test('a stream that failed a moment before rejects the next write with its error', async () => {
    const failure = new Error('broken');
    let controller: WritableStreamDefaultController | undefined;
    const start = (given: WritableStreamDefaultController) => {
      controller = given;
    };
    const writer = PipeWriter.from(new WritableStream({ start }) as never);

    controller?.error(failure);
    await writer.write('lost').catch(() => {});

    await expect(writer.write('more')).rejects.toBe(failure);
  });

  test('leaveOpen lets go of the lock', async () => {
    const stream = new WritableStream<Uint8Array>();

    await PipeWriter.from(stream as never, { leaveOpen: true }).complete();

    expect(stream.locked).toBe(false);
  });
});

describe('a writer of a Writable', () => {
  test('complete(error) drops what is not flushed and destroys the stream with the error', async () => {
    const failure = new Error('broken');
    const written: Buffer[] = [];
    const stream = new Writable({
      write: (chunk, _encoding, callback) => {
        written.push(chunk);
        callback();
      },
    });
    const writer = PipeWriter.from(stream);
    const failed = once(stream, 'error').catch((error) => [error]);

    writer.advance(writer.getMemory(4).write('lost'));
    await writer.complete(failure);

    expect((await failed)[0]).toBe(failure);
    expect(written).toEqual([]);
  });

  test('a stream that fails rejects the flush with its error', async () => {
    const failure = new Error('broken');
    const stream = new Writable({ write: (_chunk, _encoding, callback) => callback(failure) });
    const writer = PipeWriter.from(stream);

    await writer.write('lost');
    await new Promise(setImmediate);

    await expect(writer.write('more')).rejects.toBe(failure);
  });

  test.each([false, true])('a stream that cannot be ended fails complete(), leaveOpen %p or not', async (leaveOpen) => {
    const failure = new Error('broken');
    const stream = new Writable({ final: (callback) => callback(failure), write: (_chunk, _encoding, done) => done() });
    const writer = PipeWriter.from(stream, { leaveOpen });
    const failed = leaveOpen ? once(stream, 'error').catch((error) => [error]) : undefined;

    await writer.write('abc');
    const completed = writer.complete().catch((error: unknown) => error);

    expect(await completed).toBe(leaveOpen ? undefined : failure);
    stream.end();
    if (failed) expect((await failed)[0]).toBe(failure);
  });

  test('complete() with leaveOpen rejects with the error of the last write', async () => {
    const failure = new Error('broken');
    const stream = new Writable({ write: (_chunk, _encoding, callback) => void setImmediate(callback, failure) });
    const writer = PipeWriter.from(stream, { leaveOpen: true });

    await writer.write('lost');

    await expect(writer.complete()).rejects.toBe(failure);
  });

  test('a stream that had been destroyed takes nothing, and has its error', async () => {
    const failure = new Error('broken');
    const closed = new PassThrough().destroy();
    const failed = new PassThrough().on('error', () => {}).destroy(failure);

    expect(await PipeWriter.from(closed).write('for nobody')).toEqual({ isCanceled: false, isCompleted: true });
    await expect(PipeWriter.from(failed).write('lost')).rejects.toBe(failure);
  });

  test('leaves no listener behind', async () => {
    const stream = new PassThrough();
    const before = stream.eventNames().map((name) => stream.listenerCount(name));
    const writer = PipeWriter.from(stream, { leaveOpen: true });

    await writer.write('x');
    await writer.complete();

    expect(stream.eventNames().map((name) => stream.listenerCount(name))).toEqual(before);
  });
});

describe('a writer of somebody else', () => {
  class Collector extends PipeWriter {
    readonly written: string[] = [];
    #memory = Buffer.alloc(0);

    getMemory(sizeHint = 0) {
      this.#memory = Buffer.alloc(Math.max(sizeHint, 16));
      return this.#memory;
    }
    advance(byteCount: number) {
      this.written.push(this.#memory.toString('utf8', 0, byteCount));
    }
    flush() {
      return Promise.resolve({ isCompleted: false, isCanceled: false });
    }
    cancelPendingFlush() {}
    complete() {
      return Promise.resolve();
    }
  }

  test('brings five members and has the rest', async () => {
    const writer = new Collector();

    await writer.write('abc');
    await writer.copyFrom(PipeReader.from(Buffer.from('def')).asStream());

    expect(writer.written).toEqual(['abc', 'def']);
    expect(writer.unflushedBytes).toBe(0);
  });
});
