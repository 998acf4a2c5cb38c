import type { PipeReader } from 'pipebody';
import { readAll } from '../support/read-all';

/** How a suite makes the reader that it tests: one that gives these chunks and then its end, or then fails. */
export interface ReaderFactory {
  readonly name: string;
  create(chunks: readonly string[], failure?: Error): PipeReader | Promise<PipeReader>;
}

/** Reads until all that the factory put in is there, and leaves the answer owed. */
async function readLength(reader: PipeReader, length: number) {
  const result = await reader.readAtLeast(length);
  expect(result.buffer.length).toBeGreaterThanOrEqual(length);
  return result;
}

/** What every PipeReader does, stated once. */
export function describePipeReader({ name, create }: ReaderFactory): void {
  describe(`${name} as a PipeReader`, () => {
    test('gives the bytes in their order and then the end, again and again', async () => {
      const reader = await create(['ab', 'c', 'def']);

      expect(String(await readAll(reader))).toBe('abcdef');
      const again = await reader.read();
      expect([again.isCompleted, again.buffer.length]).toEqual([true, 0]);
    });

    test('gives what was examined and not consumed again, with what follows', async () => {
      const reader = await create(['ab', 'c', 'def']);

      const first = await readLength(reader, 2);
      reader.advanceTo(first.buffer.getPosition(1), first.buffer.end);
      const second = await readLength(reader, 5);

      expect(second.buffer.toString()).toBe('bcdef');
    });

    test('gives what was not examined again at once', async () => {
      const reader = await create(['abc']);

      const first = await readLength(reader, 3);
      reader.advanceTo(first.buffer.start);

      expect(reader.tryRead()?.buffer.toString()).toBe('abc');
    });

    test('takes back what was examined: the next read gives it at once', async () => {
      const reader = await create(['abc']);

      const first = await readLength(reader, 3);
      reader.advanceTo(first.buffer.start, first.buffer.end);
      const second = await reader.read();
      reader.advanceTo(second.buffer.start, second.buffer.start);

      expect(reader.tryRead()?.buffer.toString()).toBe('abc');
    });

    test('readAtLeast waits for as many bytes, counted with those that were kept', async () => {
      const reader = await create(['ab', 'cd', 'ef']);

      const first = await readLength(reader, 1);
      reader.advanceTo(first.buffer.start, first.buffer.end);
      const second = await reader.readAtLeast(4);

      expect(second.buffer.toString()).toMatch(/^abcd/);
    });

    test('readAtLeast gives fewer bytes at the end', async () => {
      const { buffer, isCompleted } = await (await create(['abc'])).readAtLeast(100);

      expect([buffer.toString(), isCompleted]).toEqual(['abc', true]);
    });

    test.each([-1, 1.5, Number.NaN])('readAtLeast(%p) rejects with a RangeError', async (minimum) => {
      await expect((await create(['abc'])).readAtLeast(minimum)).rejects.toThrow(RangeError);
    });

    test('a second read before the answer rejects, and the first stays good', async () => {
      const reader = await create(['abc']);
      const first = await readLength(reader, 3);

      await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_PIPE_READ_IN_PROGRESS' });
      expect(() => reader.tryRead()).toThrow(expect.objectContaining({ code: 'ERR_PIPE_READ_IN_PROGRESS' }));

      expect(first.buffer.toString()).toBe('abc');
      reader.advanceTo(first.buffer.end);
    });

    test('advanceTo without a read, and twice, is refused', async () => {
      const reader = await create(['abc']);
      const { buffer } = await readLength(reader, 3);
      reader.advanceTo(buffer.start);

      expect(() => reader.advanceTo(buffer.start)).toThrow(expect.objectContaining({ code: 'ERR_PIPE_NO_READ' }));
    });

    test('advanceTo refuses reversed positions and changes nothing', async () => {
      const reader = await create(['abc']);
      const { buffer } = await readLength(reader, 3);

      expect(() => reader.advanceTo(buffer.end, buffer.start)).toThrow(
        expect.objectContaining({ name: 'InvalidOperationError', code: 'ERR_PIPE_POSITION_REVERSED' }),
      );

      expect(buffer.toString()).toBe('abc');
      reader.advanceTo(buffer.getPosition(1));
      expect(reader.tryRead()?.buffer.toString()).toBe('bc');
    });

    test('advanceTo refuses a position that was released', async () => {
      const reader = await create(['ab', 'cd']);
      const first = await readLength(reader, 4);
      const released = first.buffer.start;
      reader.advanceTo(first.buffer.getPosition(3));
      const second = await reader.read();

      expect(() => reader.advanceTo(released)).toThrow(expect.objectContaining({ code: 'ERR_PIPE_POSITION_RELEASED' }));

      expect(second.buffer.toString()).toBe('d');
    });

    test('advanceTo refuses a position of another reader', async () => {
      const reader = await create(['abc']);
      await readLength(reader, 3);
      const other = await readLength(await create(['abc']), 3);

      expect(() => reader.advanceTo(other.buffer.start)).toThrow(
        expect.objectContaining({ code: 'ERR_PIPE_POSITION_FOREIGN' }),
      );
    });

    test.each([0, null, undefined, {}])('advanceTo(%p) throws a TypeError', async (position) => {
      const reader = await create(['abc']);
      await readLength(reader, 3);

      expect(() => reader.advanceTo(position as never)).toThrow(TypeError);
    });

    test('what was given back by advanceTo cannot be read by mistake', async () => {
      const reader = await create(['abc']);
      const { buffer } = await readLength(reader, 3);
      reader.advanceTo(buffer.end);

      expect(() => buffer.toString()).toThrow(expect.objectContaining({ code: 'ERR_PIPE_BUFFER_RELEASED' }));
    });

    test('cancelPendingRead makes the next read say so, once, and keeps the bytes', async () => {
      const reader = await create(['abc']);
      const first = await readLength(reader, 3);
      reader.advanceTo(first.buffer.start);

      reader.cancelPendingRead();
      const canceled = await reader.read();
      expect([canceled.isCanceled, canceled.buffer.toString()]).toEqual([true, 'abc']);
      reader.advanceTo(canceled.buffer.start);
      const next = await reader.read();

      expect([next.isCanceled, next.buffer.toString()]).toEqual([false, 'abc']);
    });

    test('after a cancelled read the answer may be left out', async () => {
      const reader = await create(['abc']);
      reader.cancelPendingRead();
      await reader.read();

      expect((await readLength(reader, 3)).buffer.toString()).toBe('abc');
    });

    test('a signal that was aborted before rejects with an AbortError and its reason', async () => {
      const reader = await create(['abc']);

      await expect(reader.read({ signal: AbortSignal.abort('why') })).rejects.toMatchObject({
        name: 'AbortError',
        cause: 'why',
      });

      expect((await readLength(reader, 3)).buffer.toString()).toBe('abc');
    });

    test('a late answer to a cancelled read is refused while the next one waits', async () => {
      const reader = await create(['abc']);
      const { buffer: all } = await readLength(reader, 3);
      reader.advanceTo(all.start, all.end);
      reader.cancelPendingRead();
      const { buffer, isCompleted } = await reader.read();
      if (isCompleted) return;

      const read = reader.read();
      expect(() => reader.advanceTo(buffer.start)).toThrow(expect.objectContaining({ code: 'ERR_PIPE_NO_READ' }));
      reader.cancelPendingRead();

      expect((await read).buffer.toString()).toBe('abc');
    });

    test('what is no signal rejects with a TypeError, and reading goes on', async () => {
      const reader = await create(['abc']);

      await expect(reader.read({ signal: {} as never })).rejects.toThrow(TypeError);

      expect((await readLength(reader, 3)).buffer.toString()).toBe('abc');
    });

    test('after complete() nothing can be read, and a second complete() is ignored', async () => {
      const reader = await create(['abc']);
      const completed = reader.complete();

      await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_PIPE_READER_COMPLETED' });
      expect(() => reader.tryRead()).toThrow(expect.objectContaining({ code: 'ERR_PIPE_READER_COMPLETED' }));
      await completed;
      await reader.complete(new Error('late'));
    });

    test('complete() with an answer owed gives the memory back', async () => {
      const reader = await create(['abc']);
      const { buffer } = await readLength(reader, 3);

      await reader.complete();

      expect(() => reader.advanceTo(buffer.end)).toThrow(
        expect.objectContaining({ code: 'ERR_PIPE_READER_COMPLETED' }),
      );
    });

    test('iteration gives all bytes; leaving it consumes what was handed out and no more', async () => {
      const reader = await create(['ab', 'cd']);
      let seen = '';
      for await (const segment of reader) {
        seen += segment;
        break;
      }

      expect(seen + String(await readAll(reader))).toBe('abcd');
    });

    test('asStream gives all bytes and then ends', async () => {
      let seen = '';
      for await (const chunk of (await create(['ab', 'cd'])).asStream()) seen += chunk;

      expect(seen).toBe('abcd');
    });

    test('asWebStream gives all bytes and then closes', async () => {
      let seen = '';
      for await (const chunk of (await create(['ab', 'cd'])).asWebStream()) seen += Buffer.from(chunk);

      expect(seen).toBe('abcd');
    });
  });
}

/** What every PipeReader whose source may fail does. */
export function describeFailingReader({ name, create }: ReaderFactory): void {
  describe(`${name} whose source fails`, () => {
    test('rejects every read with the very error', async () => {
      const failure = new Error('broken');
      const reader = await create([], failure);

      await expect(reader.read()).rejects.toBe(failure);
      await expect(reader.read()).rejects.toBe(failure);
      expect(() => reader.tryRead()).toThrow(failure);
    });

    test('asStream fails with the error', async () => {
      const failure = new Error('broken');
      const read = async () => {
        for await (const _ of (await create([], failure)).asStream());
      };

      await expect(read()).rejects.toBe(failure);
    });
  });
}
