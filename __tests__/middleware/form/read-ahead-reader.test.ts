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
    reader.stop();
  });

  test('takes 16 MiB of all bodies together, which are free again when it stops', async () => {
    const fillOne = async () => {
      const pipe = new Pipe();
      const reader = new ReadAheadReader(pipe.reader);
      reader.start();
      return { reader, bytes: await fill(pipe) };
    };
    const full = [];
    for (let count = 0; count < 20; count += 1) full.push(await fillOne());

    expect(full.map(({ bytes }) => bytes)).toEqual([...Array(16).fill(1_048_576), ...Array(4).fill(65_536)]);
    for (const { reader } of full) reader.stop();
    expect(await fillOne()).toMatchObject({ bytes: 1_048_576 });
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

  test('asks for nothing more while what was read is worked on', async () => {
    const { reader, writer } = new Pipe({ pauseWriterThreshold: 8 });
    const ahead = new ReadAheadReader(reader);
    let isTaken = false;
    void writer.write('12345678').then(() => {
      isTaken = true;
    });
    const { buffer } = await ahead.read();

    ahead.advanceTo(buffer.end);
    await nextTurn();
    expect(isTaken).toBe(false);
    expect(ahead.tryRead()).toBeUndefined();
    await nextTurn();
    expect(isTaken).toBe(true);
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
