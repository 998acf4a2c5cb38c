import type { PipeWriter } from 'pipebody';

/** A writer and what became of its bytes. */
export interface WriterUnderTest {
  readonly writer: PipeWriter;
  /** All bytes, once the writer was completed. */
  received(): Promise<string>;
  /** Nobody reads any more, without an error. */
  stopReading(): Promise<unknown>;
}

export interface WriterFactory {
  readonly name: string;
  /** A writer whose flush waits while nobody reads; `received` and `stopReading` start to. */
  create(): WriterUnderTest | Promise<WriterUnderTest>;
}

const put = (writer: PipeWriter, text: string) => writer.advance(writer.getMemory(text.length).write(text));

/** Writes until a flush waits, and gives that flush. */
async function untilWaiting(writer: PipeWriter): Promise<{ flush: Promise<unknown>; written: number }> {
  const block = 'x'.repeat(65_536);
  for (let written = block.length; ; written += block.length) {
    const flush = writer.write(block);
    const isWaiting = await Promise.race([flush.then(() => false), new Promise(setImmediate).then(() => true)]);
    if (isWaiting) return { flush, written };
  }
}

/** What every PipeWriter does, stated once. */
export function describePipeWriter({ name, create }: WriterFactory): void {
  describe(`${name} as a PipeWriter`, () => {
    test('hands on what was advanced and flushed, in its order', async () => {
      const { writer, received } = await create();

      put(writer, 'ab');
      put(writer, 'c');
      await writer.flush();
      await writer.write('dé');
      const all = received();
      await writer.complete();

      expect(await all).toBe('abcdé');
    });

    test('complete() hands on what was not flushed', async () => {
      const { writer, received } = await create();
      put(writer, 'unflushed');

      const all = received();
      await writer.complete();

      expect(await all).toBe('unflushed');
    });

    test('write() goes behind what was advanced before', async () => {
      const { writer, received } = await create();

      put(writer, 'ab');
      await writer.write('cd');
      const all = received();
      await writer.complete();

      expect(await all).toBe('abcd');
    });

    test('a write that has settled leaves the caller free to use its bytes again', async () => {
      const { writer, received } = await create();
      const bytes = Buffer.from('kept');

      await writer.write(bytes);
      bytes.fill('!');
      const all = received();
      await writer.complete();

      expect(await all).toBe('kept');
    });

    test('getMemory gives at least what was asked for, and at least one byte', async () => {
      const { writer } = await create();

      expect(writer.getMemory().length).toBeGreaterThanOrEqual(1);
      expect(writer.getMemory(0).length).toBeGreaterThanOrEqual(1);
      expect(writer.getMemory(100_000).length).toBeGreaterThanOrEqual(100_000);
    });

    test.each([-1, 1.5, Number.NaN])('getMemory(%p) throws a RangeError', async (sizeHint) => {
      const { writer } = await create();

      expect(() => writer.getMemory(sizeHint)).toThrow(RangeError);
    });

    test('advance takes no more than the memory that was handed out', async () => {
      const { writer } = await create();

      expect(() => writer.advance(1)).toThrow(RangeError);
      const { length } = writer.getMemory(10);
      expect(() => writer.advance(length + 1)).toThrow(RangeError);
      expect(() => writer.advance(-1)).toThrow(RangeError);
      writer.advance(length);
      expect(() => writer.advance(1)).toThrow(RangeError);
    });

    test('unflushedBytes counts what was advanced and not flushed', async () => {
      const { writer } = await create();

      put(writer, 'abc');
      const before = writer.unflushedBytes;
      await writer.flush();

      expect([before, writer.unflushedBytes]).toEqual([3, 0]);
    });

    test('a flush waits while nobody reads, and goes on when somebody does', async () => {
      const { writer, received } = await create();

      const { flush, written } = await untilWaiting(writer);
      const all = received();
      expect(await flush).toEqual({ isCanceled: false, isCompleted: false });
      await writer.complete();

      expect((await all).length).toBe(written);
    });

    test('what is no signal rejects with a TypeError and writes nothing', async () => {
      const { writer, received } = await create();

      await expect(writer.write('refused', { signal: {} as never })).rejects.toThrow(TypeError);
      await expect(writer.flush({ signal: {} as never })).rejects.toThrow(TypeError);
      await writer.complete();

      expect(await received()).toBe('');
    });

    test('while a flush waits, everything else is refused and writes nothing', async () => {
      const { writer, received } = await create();
      const { flush, written } = await untilWaiting(writer);
      const inProgress = expect.objectContaining({ code: 'ERR_PIPE_FLUSH_IN_PROGRESS' });

      await expect(writer.flush()).rejects.toEqual(inProgress);
      await expect(writer.write('refused')).rejects.toEqual(inProgress);
      expect(() => writer.getMemory()).toThrow(inProgress);
      expect(() => writer.advance(0)).toThrow(inProgress);
      const all = received();
      await flush;
      await writer.complete();

      expect((await all).length).toBe(written);
    });

    test('cancelPendingFlush ends the wait; the bytes stay written', async () => {
      const { writer, received } = await create();
      const { flush, written } = await untilWaiting(writer);

      writer.cancelPendingFlush();

      expect(await flush).toEqual({ isCanceled: true, isCompleted: false });
      const all = received();
      await writer.complete();
      expect((await all).length).toBe(written);
    });

    test('cancelPendingFlush with nothing pending makes the next flush say so, once', async () => {
      const { writer } = await create();

      writer.cancelPendingFlush();

      expect(await writer.write('a')).toMatchObject({ isCanceled: true });
      expect(await writer.write('b')).toMatchObject({ isCanceled: false });
    });

    test('a signal ends the wait with an AbortError and its reason; the bytes stay written', async () => {
      const { writer, received } = await create();
      const { flush, written } = await untilWaiting(writer);
      writer.cancelPendingFlush();
      await flush;
      const controller = new AbortController();
      const waiting = writer.flush({ signal: controller.signal });

      controller.abort('why');

      await expect(waiting).rejects.toMatchObject({ name: 'AbortError', cause: 'why' });
      const all = received();
      await writer.complete();
      expect((await all).length).toBe(written);
    });

    test('a signal that was aborted before refuses the write, which writes nothing', async () => {
      const { writer, received } = await create();

      await expect(writer.write('refused', { signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: 'AbortError',
      });
      await writer.write('ok');
      const all = received();
      await writer.complete();

      expect(await all).toBe('ok');
    });

    test('what is neither bytes nor text is refused with a TypeError', async () => {
      const { writer } = await create();

      await expect(writer.write(5 as never)).rejects.toThrow(TypeError);
    });

    test('when nobody reads any more, writing says so and does not fail', async () => {
      const { writer, stopReading } = await create();

      await stopReading();

      expect(await writer.write('for nobody')).toEqual({ isCanceled: false, isCompleted: true });
      expect(await writer.flush()).toEqual({ isCanceled: false, isCompleted: true });
    });

    test('a flush that waits when the reader goes says that nobody reads', async () => {
      const { writer, stopReading } = await create();
      const { flush } = await untilWaiting(writer);

      await stopReading();

      expect(await flush).toEqual({ isCanceled: false, isCompleted: true });
    });

    test('after complete() nothing can be written, and a second complete() is ignored', async () => {
      const { writer, received } = await create();
      const all = received();
      await writer.complete();
      const completed = expect.objectContaining({ code: 'ERR_PIPE_WRITER_COMPLETED' });

      expect(() => writer.getMemory()).toThrow(completed);
      await expect(writer.write('late')).rejects.toEqual(completed);
      await expect(writer.write('')).rejects.toEqual(completed);
      await writer.complete(new Error('late'));

      expect(await all).toBe('');
    });

    test('complete() while a flush waits: the flush rejects', async () => {
      const { writer, received } = await create();
      const { flush, written } = await untilWaiting(writer);
      const refused = expect(flush).rejects.toMatchObject({ code: 'ERR_PIPE_WRITER_COMPLETED' });

      const completed = writer.complete();
      const all = received();
      await completed;

      await refused;
      expect((await all).length).toBe(written);
    });
  });
}
