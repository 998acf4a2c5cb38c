import { PassThrough } from 'node:stream';
import { Pipe, PipeReader, PipeWriter, type ReadResult } from 'pipebody/pipelines';
import { PoisoningPool } from '../support/poisoning-pool';

/** A pipe whose arithmetic fits in a line: pauses at 64 bytes, goes on below 32, blocks of 16. */
const small = { pauseWriterThreshold: 64, resumeWriterThreshold: 32, minimumSegmentSize: 16 };
const bytes = (length: number) => 'x'.repeat(length);

const isSettled = (promise: Promise<unknown>) =>
  Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise((resolve) => setImmediate(resolve, false)),
  ]);

describe('new Pipe()', () => {
  test.each([
    { pauseWriterThreshold: -1 },
    { pauseWriterThreshold: 1.5 },
    { resumeWriterThreshold: -1 },
    { minimumSegmentSize: 0 },
    { pauseWriterThreshold: 10, resumeWriterThreshold: 11 },
  ])('refuses %p', (options) => {
    expect(() => new Pipe(options)).toThrow(RangeError);
  });

  test.each([
    ['nothing', null],
    ['no methods', {}],
    ['no return()', { rent: () => Buffer.alloc(1) }],
    ['no rent()', { return: () => {} }],
  ])('refuses a pool that is or has %s, as from() does', (_what, none) => {
    const pool = none as never;

    for (const make of [
      () => new Pipe({ pool }),
      () => PipeReader.from(Buffer.alloc(1), { pool }),
      () => PipeWriter.from(new PassThrough(), { pool }),
    ]) {
      expect(make).toThrow(
        new TypeError('"pool" must be a MemoryPool, with the methods rent(minimumLength) and return(memory).'),
      );
    }
  });

  test('resumes at half of the pause threshold unless said otherwise', async () => {
    const { reader, writer } = new Pipe({ pauseWriterThreshold: 10 });
    const flush = writer.write(bytes(10));
    const { buffer } = await reader.read();

    reader.advanceTo(buffer.getPosition(5));
    expect(await isSettled(flush)).toBe(false);
    const rest = await reader.read();
    reader.advanceTo(rest.buffer.getPosition(1));

    expect(await isSettled(flush)).toBe(true);
  });

  test('a resume threshold of 0 counts as 1', async () => {
    const { reader, writer } = new Pipe({ pauseWriterThreshold: 1, resumeWriterThreshold: 0 });
    const flush = writer.write('x');

    const { buffer } = await reader.read();
    reader.advanceTo(buffer.end);

    expect(await isSettled(flush)).toBe(true);
  });

  test('a pause threshold of 0 never pauses', async () => {
    const { writer } = new Pipe({ pauseWriterThreshold: 0 });

    expect(await isSettled(writer.write(bytes(1_000_000)))).toBe(true);
  });
});

describe('back-pressure', () => {
  test('a flush below the pause threshold does not wait, one that reaches it does', async () => {
    const { writer } = new Pipe(small);

    expect(await isSettled(writer.write(bytes(63)))).toBe(true);
    expect(await isSettled(writer.write(bytes(1)))).toBe(false);
  });

  test('examined bytes hold the writer back no longer, though they are kept', async () => {
    const { reader, writer } = new Pipe(small);
    const flush = writer.write(bytes(64));

    const { buffer } = await reader.read();
    reader.advanceTo(buffer.start, buffer.end);

    expect(await flush).toEqual({ isCanceled: false, isCompleted: false });
  });

  test('the writer goes on only below the resume threshold', async () => {
    const { reader, writer } = new Pipe(small);
    const flush = writer.write(bytes(64));

    const first = await reader.read();
    reader.advanceTo(first.buffer.getPosition(32));
    const atThreshold = await isSettled(flush);
    const second = await reader.read();
    reader.advanceTo(second.buffer.getPosition(1));

    expect([atThreshold, await isSettled(flush)]).toEqual([false, true]);
  });

  test('data of a flush that waits can be read', async () => {
    const { reader, writer } = new Pipe(small);
    void writer.write(bytes(100));

    expect((await reader.read()).buffer.length).toBe(100);
  });

  test('a cancelled flush leaves the pressure: the next one waits too', async () => {
    const { writer } = new Pipe(small);
    const first = writer.write(bytes(64));
    writer.cancelPendingFlush();
    await first;

    expect(await isSettled(writer.flush())).toBe(false);
  });

  test('a reader that waits for more than the threshold lets the writer go on', async () => {
    const { reader, writer } = new Pipe(small);
    const flush = writer.write(bytes(64));

    const read = reader.readAtLeast(200);
    await flush;
    await writer.write(bytes(100));
    void writer.write(bytes(36));

    expect((await read).buffer.length).toBe(200);
  });
});

describe('bytes that readAtLeast() waits for', () => {
  test('hold the writer back no more than those before them, which it was let past for', async () => {
    const { reader, writer } = new Pipe(small);
    const read = reader.readAtLeast(100);

    for (let written = 0; written < 100; written += 20) expect(await isSettled(writer.write(bytes(20)))).toBe(true);

    expect((await read).buffer.length).toBe(100);
    expect(await isSettled(writer.flush())).toBe(true);
    expect(await isSettled(writer.write('x'))).toBe(false);
  });
});

describe('a Pipe', () => {
  test('gives a read that waits the last bytes together with the end', async () => {
    const { reader, writer } = new Pipe();
    const read = reader.read();
    writer.getMemory(4).write('last');
    writer.advance(4);

    await writer.complete();

    const { buffer, isCompleted } = await read;
    expect([String(buffer), isCompleted]).toEqual(['last', true]);
  });

  test('gives a read that waits the error alone when bytes were not flushed', async () => {
    const { reader, writer } = new Pipe();
    const read = reader.read();
    const error = new Error('failed');
    writer.getMemory(4).write('last');
    writer.advance(4);

    await writer.complete(error);

    await expect(read).rejects.toBe(error);
  });

  test('an empty flush does not wake a read', async () => {
    const { reader, writer } = new Pipe();
    const read = reader.read();

    await writer.flush();
    await writer.write('');

    expect(await isSettled(read)).toBe(false);
  });

  test('nothing can be read before it is flushed', async () => {
    const { reader, writer } = new Pipe();

    writer.advance(writer.getMemory(3).write('abc'));

    expect(reader.tryRead()).toBeUndefined();
  });

  test('blocks that were not flushed stay out of what is read, however many', async () => {
    const { reader, writer } = new Pipe(small);
    await writer.write('flushed');
    for (let block = 0; block < 3; block += 1) {
      writer.getMemory(16).fill('x');
      writer.advance(16);
    }

    const { buffer } = await reader.read();
    expect([buffer.toString(), buffer.isSingleSegment, buffer.indexOf('x')]).toEqual(['flushed', true, -1]);
    reader.advanceTo(buffer.end);
    await writer.flush();

    expect((await reader.read()).buffer.toString()).toBe(bytes(48));
  });

  test('a large write is refused as a small one is', async () => {
    const { writer } = new Pipe();
    await writer.complete();

    await expect(writer.write(Buffer.alloc(100_000))).rejects.toMatchObject({ code: 'ERR_PIPE_WRITER_COMPLETED' });
  });

  test('several flushes share a block, so that the reader gets one segment', async () => {
    const { reader, writer } = new Pipe();
    for (const text of ['a', 'b', 'c']) await writer.write(text);

    const { buffer } = await reader.read();

    expect([buffer.isSingleSegment, buffer.toString()]).toEqual([true, 'abc']);
  });

  test('a block that was asked for and not used leaves no empty segment', async () => {
    const { reader, writer } = new Pipe(small);
    writer.getMemory(1);
    writer.getMemory(100);
    await writer.write(bytes(40));

    const { buffer } = await reader.read();

    expect([...buffer].map(({ length }) => length)).toEqual([40]);
  });

  test('the writer goes on while the reader holds a buffer, which does not change', async () => {
    const { reader, writer } = new Pipe(small);
    await writer.write('abc');
    const first = await reader.read();

    await writer.write('def');

    expect(first.buffer.toString()).toBe('abc');
    reader.advanceTo(first.buffer.end);
    expect(reader.tryRead()?.buffer.toString()).toBe('def');
  });

  test('complete(error) of the writer gives the reader that error and nothing else, every time', async () => {
    const failure = new Error('broken');
    const { reader, writer } = new Pipe();
    await writer.write('lost');
    await writer.complete(failure);

    await expect(reader.read()).rejects.toBe(failure);
    await expect(reader.readAtLeast(1)).rejects.toBe(failure);
  });

  test('complete(error) of the reader rejects a waiting flush and every later one', async () => {
    const failure = new Error('broken');
    const { reader, writer } = new Pipe(small);
    const flush = writer.write(bytes(64));
    const refused = expect(flush).rejects.toBe(failure);

    await reader.complete(failure);

    await refused;
    await expect(writer.flush()).rejects.toBe(failure);
    await expect(writer.write('x')).rejects.toBe(failure);
  });

  test('a read that waits when its reader is completed rejects', async () => {
    const { reader } = new Pipe();
    const refused = expect(reader.read()).rejects.toMatchObject({ code: 'ERR_PIPE_READER_COMPLETED' });

    await reader.complete();

    await refused;
  });

  test('after the writer was completed a flush still answers', async () => {
    const { writer } = new Pipe();
    await writer.complete();

    expect(await writer.flush()).toEqual({ isCanceled: false, isCompleted: false });
  });

  test('cancelPendingRead ends a read that waits, with what is there', async () => {
    const { reader, writer } = new Pipe();
    await writer.write('abc');
    const first = await reader.read();
    reader.advanceTo(first.buffer.start, first.buffer.end);
    const read = reader.read();

    reader.cancelPendingRead();

    const { isCanceled, buffer } = await read;
    expect([isCanceled, buffer.toString()]).toEqual([true, 'abc']);
  });

  test('a signal ends a read that waits and leaves no listener', async () => {
    const { reader, writer } = new Pipe();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };

    const first = reader.read({ signal });
    await writer.write('x');
    reader.advanceTo((await first).buffer.end);
    const second = reader.read({ signal });
    const refused = expect(second).rejects.toMatchObject({ name: 'AbortError', cause: 'why' });
    controller.abort('why');

    await refused;
    expect(listeners).toBe(0);
    await writer.write('y');
    expect((await reader.read()).buffer.toString()).toBe('y');
  });

  test('only the second of two concurrent reads fails', async () => {
    const { reader, writer } = new Pipe();
    const first = reader.read();

    await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_PIPE_READ_IN_PROGRESS' });
    await writer.write('abc');

    expect((await first).buffer.toString()).toBe('abc');
  });

  test('writing to a completed reader holds no memory', async () => {
    const pool = new PoisoningPool();
    const { reader, writer } = new Pipe({ ...small, pool });
    await reader.complete();

    for (let count = 0; count < 100; count += 1) {
      const memory = writer.getMemory(16);
      writer.advance(memory.length);
      expect(pool.lent.size).toBeLessThanOrEqual(1);
    }
    await writer.complete();

    expect([pool.rentedCount > 0, pool.lent.size]).toEqual([true, 0]);
  });
});

describe('a large write, which waits for the reader and is not copied before', () => {
  const large = () => Buffer.alloc(100_000, 'a');

  test('keeps its bytes when it was cancelled and the caller uses them again', async () => {
    const { reader, writer } = new Pipe();
    const bytes = large();
    const write = writer.write(bytes);
    const { buffer } = await reader.read();
    const handedOut = buffer.first;

    writer.cancelPendingFlush();
    await write;
    bytes.fill('!');

    expect([handedOut.includes('!'), buffer.toString().includes('!')]).toEqual([false, false]);
    expect(buffer.length).toBe(100_000);
  });

  test('keeps its bytes when the reader examined and did not consume them', async () => {
    const { reader, writer } = new Pipe();
    const bytes = large();
    const write = writer.write(bytes);
    const first = await reader.read();
    reader.advanceTo(first.buffer.getPosition(10), first.buffer.end);

    await write;
    bytes.fill('!');
    await writer.write('end');
    const second = await reader.read();

    expect(second.buffer.toString()).toBe(`${'a'.repeat(99_990)}end`);
  });

  test('keeps its bytes when the writer is completed meanwhile', async () => {
    const { reader, writer } = new Pipe();
    const bytes = large();
    const refused = expect(writer.write(bytes)).rejects.toMatchObject({ code: 'ERR_PIPE_WRITER_COMPLETED' });

    await writer.complete();
    await refused;
    bytes.fill('!');

    expect((await reader.read()).buffer.toString()).toBe('a'.repeat(100_000));
  });

  test('goes behind what was advanced before, and its memory is not given to the pool', async () => {
    const pool = new PoisoningPool();
    const { reader, writer } = new Pipe({ pool });
    writer.advance(writer.getMemory(6).write('before'));
    const write = writer.write(large());

    const { buffer } = await reader.readAtLeast(100_006);
    expect(buffer.toString()).toBe(`before${'a'.repeat(100_000)}`);
    reader.advanceTo(buffer.end);
    await write;
    await writer.complete();
    await reader.complete();

    expect(pool.lent.size).toBe(0);
  });
});

describe('reset()', () => {
  test('makes a completed pipe new, with the same ends', async () => {
    const pipe = new Pipe();
    const { reader, writer } = pipe;
    await writer.write('old');
    await writer.complete(new Error('old'));
    await reader.complete();

    pipe.reset();
    await writer.write('new');

    expect([pipe.reader === reader, (await reader.read()).buffer.toString()]).toEqual([true, 'new']);
  });

  test('is refused while an end is open', async () => {
    const pipe = new Pipe();
    await pipe.writer.complete();

    expect(() => pipe.reset()).toThrow(expect.objectContaining({ code: 'ERR_PIPE_NOT_COMPLETED' }));
  });

  test('positions from before are known as released', async () => {
    const pipe = new Pipe();
    await pipe.writer.write('old');
    const old: ReadResult = await pipe.reader.read();
    await pipe.reader.complete();
    await pipe.writer.complete();
    pipe.reset();
    await pipe.writer.write('new');
    await pipe.reader.read();

    expect(() => pipe.reader.advanceTo(old.buffer.start)).toThrow(
      expect.objectContaining({ code: 'ERR_PIPE_POSITION_RELEASED' }),
    );
  });

  test('makes it new where its reader was held back for a slower one, as a request holds its body back', async () => {
    const pipe = new Pipe();
    (pipe.reader as unknown as { holdBack(): void }).holdBack();
    await Promise.all([pipe.reader.complete(), pipe.writer.complete()]);

    pipe.reset();
    const read = pipe.reader.readAtLeast(200_000);
    for (let count = 0; count < 4; count++) await pipe.writer.write(Buffer.alloc(65_536));

    expect((await read).buffer.length).toBeGreaterThanOrEqual(200_000);
  });
});

describe('a pool', () => {
  test('that lends less than was asked for is told so, and gets the block back', () => {
    const returned: Buffer[] = [];
    const short = Buffer.alloc(2);
    const { writer } = new Pipe({ pool: { rent: () => short, return: (memory) => returned.push(memory) } });

    expect(() => writer.getMemory(10)).toThrow(RangeError);

    expect(returned).toEqual([short]);
  });

  test('gets every block back once, when its bytes are consumed or both ends are completed', async () => {
    const pool = new PoisoningPool();
    const { reader, writer } = new Pipe({ pauseWriterThreshold: 0, minimumSegmentSize: 16, pool });
    for (let count = 0; count < 10; count += 1) await writer.write(bytes(10));

    const { buffer } = await reader.read();
    expect(buffer.toString()).toBe(bytes(100));
    reader.advanceTo(buffer.getPosition(50));
    await writer.complete();
    await reader.complete();

    expect(pool.lent.size).toBe(0);
  });
});
