import { Pipe } from 'pipebody';
import { ReadAheadReader } from '../../../src/middleware/form/read-ahead-reader';
import { readAll } from '../../support/read-all';

const nextTurn = () => new Promise(setImmediate);
const kibibytes64 = Buffer.alloc(65_536, 'x');

/** Writes until nobody takes more; gives the bytes that were taken. */
async function fill({ writer }: Pipe): Promise<number> {
  for (let taken = kibibytes64.length; ; taken += kibibytes64.length) {
    let isTaken = false;
    void writer.write(kibibytes64).then(() => {
      isTaken = true;
    });
    await nextTurn();
    if (!isTaken) return taken;
  }
}

describe('a reader that reads ahead', () => {
  test('takes 1 MiB of a body, and nothing where it was not asked to', async () => {
    const [idle, busy] = [new Pipe(), new Pipe()];
    const reader = new ReadAheadReader(busy.reader);
    reader.start();

    expect(await fill(idle)).toBe(65_536);
    expect(await fill(busy)).toBe(1_048_576);
  });

  test('takes 16 MiB of all bodies together, which are free again when it stops', async () => {
    const pipes = Array.from({ length: 20 }, () => new Pipe());
    const readers = pipes.map(({ reader }) => new ReadAheadReader(reader));
    for (const reader of readers) reader.start();
    // One that is full counts no more, and these nearly are.
    const nearlyFull = pipes.slice(0, 19).map(async ({ writer }) => {
      for (let piece = 0; piece < 15; piece += 1) await writer.write(kibibytes64);
    });
    for (let turn = 0; turn < 100; turn += 1) await nextTurn();

    expect(await fill(pipes[19] as Pipe)).toBeLessThan(1_048_576);
    for (const reader of readers) reader.stop();
    await nextTurn();
    const another = new Pipe();
    new ReadAheadReader(another.reader).start();
    expect(await fill(another)).toBe(1_048_576);
    for (const { reader } of pipes) void reader.complete();
    await Promise.all(nearlyFull);
  });

  test.each([
    ['while it reads ahead', async () => {}],
    ['when it has stopped', async (reader: ReadAheadReader) => reader.stop()],
    ['a turn after it has stopped', async (reader: ReadAheadReader) => nextTurn().then(() => reader.stop())],
  ])('gives what it has read to whoever reads %s', async (_name, before) => {
    const { reader, writer } = new Pipe({ pauseWriterThreshold: 0 });
    const ahead = new ReadAheadReader(reader);
    await writer.write('one ');
    ahead.start();
    await nextTurn();
    await writer.write('two ');
    await before(ahead);

    const { buffer } = await ahead.read();
    expect(String(buffer)).toBe('one two ');
    ahead.advanceTo(buffer.start, buffer.end);
    await writer.write('three');
    void writer.complete();
    expect(String(await readAll(ahead))).toBe('one two three');
  });

  test('that stops before anything has come waits as any other', async () => {
    const { reader, writer } = new Pipe();
    const ahead = new ReadAheadReader(reader);
    ahead.start();
    ahead.stop();
    await nextTurn();
    expect(ahead.tryRead()).toBeUndefined();

    const result = ahead.read();
    await writer.write('late');

    expect(await result).toMatchObject({ isCanceled: false, isCompleted: false, buffer: { length: 4 } });
  });

  test('tells whoever reads next of a failure', async () => {
    const { reader, writer } = new Pipe();
    const ahead = new ReadAheadReader(reader);
    ahead.start();
    void writer.complete(new Error('gone'));
    await nextTurn();

    await expect(ahead.read()).rejects.toThrow('gone');
  });
});
