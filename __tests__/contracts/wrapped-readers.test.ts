import { Pipe, type PipeReader } from 'pipebody';
import { LimitedPipeReader } from '../../src/formats/limited-pipe-reader';
import { ObservedReader } from '../../src/middleware/form/observed-reader';
import { readAll } from '../support/read-all';
import { describePipeReader } from './pipe-reader-contract';

// Readers over other ones, which parsers read by.

const inner = (chunks: readonly string[]): PipeReader => {
  const { reader, writer } = new Pipe();
  const write = async () => {
    for (const chunk of chunks) {
      await new Promise(setImmediate);
      await writer.write(chunk);
    }
    await writer.complete();
  };
  if (chunks.length === 0) void writer.complete();
  else void write();
  return reader;
};

describePipeReader({
  name: 'a reader with a limit',
  create: (chunks) => new LimitedPipeReader(inner(chunks), 1_000_000),
});

test('a reader that is observed tells what was consumed, and nothing twice', async () => {
  const observed: string[] = [];
  const reader = new ObservedReader(inner(['abc', 'def']), (bytes) => observed.push(bytes.toString()));

  const { buffer } = await reader.readAtLeast(3);
  reader.advanceTo(buffer.getPosition(1), buffer.end);
  expect(() => reader.advanceTo(buffer.end)).toThrow(expect.objectContaining({ code: 'ERR_PIPE_NO_READ' }));
  await readAll(reader);

  expect(observed.join('')).toBe('abcdef');
});

test('cancelling a reader that is observed, or has a limit, ends its wait', async () => {
  for (const reader of [new ObservedReader(new Pipe().reader, () => {}), new LimitedPipeReader(new Pipe().reader, 1)]) {
    const read = reader.read();

    reader.cancelPendingRead();

    expect(await read).toMatchObject({ isCanceled: true });
  }
});
