import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  type FlushResult,
  Pipe,
  PipeReader,
  PipeWriter,
  ReadOnlySequence,
  type ReadResult,
  type SequencePosition,
} from 'pipebody/pipelines';

/** The five members that a reader has to bring, over pieces that come one a read. */
class PiecesReader extends PipeReader {
  readonly #coming: string[];
  #buffer = ReadOnlySequence.empty;
  #isCancelRequested = false;
  isCompleted = false;

  constructor(...pieces: string[]) {
    super();
    this.#coming = pieces;
  }

  override async read(): Promise<ReadResult> {
    await Promise.resolve();
    return this.#next();
  }

  override tryRead(): ReadResult | undefined {
    return undefined;
  }

  override advanceTo(consumed: SequencePosition): void {
    this.#buffer = this.#buffer.slice(consumed);
  }

  override cancelPendingRead(): void {
    this.#isCancelRequested = true;
  }

  override async complete(): Promise<void> {
    this.isCompleted = true;
  }

  #next(): ReadResult {
    const isCanceled = this.#isCancelRequested;
    this.#isCancelRequested = false;
    const piece = isCanceled ? undefined : this.#coming.shift();
    if (piece !== undefined) this.#buffer = ReadOnlySequence.from(...this.#buffer, Buffer.from(piece));
    return { buffer: this.#buffer, isCompleted: this.#coming.length === 0, isCanceled };
  }
}

/** The six that a writer has to bring, over a text. */
class TextCollector extends PipeWriter {
  text = '';
  isCompleted = false;
  #memory: Buffer = Buffer.alloc(0);
  #filled = '';

  override get unflushedBytes(): number {
    return this.#filled.length;
  }

  override getMemory(sizeHint = 0): Buffer {
    this.#memory = Buffer.alloc(Math.max(1, sizeHint));
    return this.#memory;
  }

  override advance(byteCount: number): void {
    this.#filled += this.#memory.toString('latin1', 0, byteCount);
  }

  override async flush(): Promise<FlushResult> {
    this.text += this.#filled;
    this.#filled = '';
    return { isCompleted: false, isCanceled: false };
  }

  override cancelPendingFlush(): void {}

  override async complete(): Promise<void> {
    await this.flush();
    this.isCompleted = true;
  }
}

describe('a subclass of PipeReader', () => {
  test('has readAtLeast(), which waits for as many bytes as were asked for', async () => {
    const reader = new PiecesReader('a', 'b', 'c', 'd');

    const { buffer, isCompleted } = await reader.readAtLeast(3);

    expect([buffer.toString(), isCompleted]).toEqual(['abc', false]);
  });

  test('ends readAtLeast() with what there is at the end, and at a cancellation', async () => {
    const reader = new PiecesReader('a', 'b');

    reader.cancelPendingRead();

    expect(await reader.readAtLeast(9)).toMatchObject({ isCanceled: true, isCompleted: false });
    expect((await reader.readAtLeast(9)).buffer.toString()).toBe('ab');
  });

  test.each([-1, 1.5, Number.NaN])('rejects readAtLeast(%p)', async (minimumLength) => {
    await expect(new PiecesReader('a').readAtLeast(minimumLength)).rejects.toThrow(RangeError);
  });

  test('is copied to a writer', async () => {
    const writer = new TextCollector();

    await new PiecesReader('a', 'b', 'c').copyTo(writer);

    expect([writer.text, writer.isCompleted]).toEqual(['abc', false]);
  });

  test('is a loop over its segments', async () => {
    let seen = '';
    for await (const segment of new PiecesReader('a', 'b', 'c')) seen += segment;

    expect(seen).toBe('abc');
  });

  test('is a web stream, also where a read gives nothing', async () => {
    expect(await text(new PiecesReader('', 'abc', '', 'def').asWebStream() as never)).toBe('abcdef');
  });

  test('is a stream, also where a read gives nothing', async () => {
    expect(await text(new PiecesReader('', 'abc', '', 'def').asStream())).toBe('abcdef');
  });

  test('gives nothing more to a stream that was destroyed while it waited', async () => {
    const reader = new PiecesReader('abc');
    const chunks: unknown[] = [];
    const stream = reader.asStream().on('data', (chunk) => chunks.push(chunk));
    await Promise.resolve();

    stream.destroy();
    await new Promise(setImmediate);

    expect([chunks, reader.isCompleted]).toEqual([[], true]);
  });

  test('lets go of the destination of a copy when it fails, without a reason too', async () => {
    class FailingReader extends PiecesReader {
      override read(): Promise<never> {
        return Promise.reject();
      }
    }
    const destination = new PassThrough();
    const before = destination.eventNames();

    await expect(new FailingReader('abc').copyTo(destination)).rejects.toBeUndefined();

    expect([destination.eventNames(), destination.destroyed]).toEqual([before, false]);
  });

  test('is copied until its copy is cancelled by the writer', async () => {
    class StuckReader extends PiecesReader {
      #cancel = () => {};
      override async read(): Promise<ReadResult> {
        await new Promise<void>((resolve) => (this.#cancel = resolve));
        return super.read();
      }
      override cancelPendingRead(): void {
        super.cancelPendingRead();
        this.#cancel();
      }
    }
    const { writer } = new Pipe();
    const copied = new StuckReader('abc').copyTo(writer);
    await Promise.resolve();

    writer.cancelPendingFlush();

    await expect(copied).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('fails the loop when the read was cancelled', async () => {
    const reader = new PiecesReader('a', 'b');

    reader.cancelPendingRead();

    await expect(reader[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test.each(['asStream', 'asWebStream'] as const)('has %s(), whose end completes it', async (view) => {
    const reader = new PiecesReader('a', 'b', 'c');

    expect(await text(reader[view]())).toBe('abc');
    expect(reader.isCompleted).toBe(true);
  });
});

describe('a subclass of PipeWriter', () => {
  test('has write(), which copies and flushes, in any encoding', async () => {
    const writer = new TextCollector();

    await writer.write('6162', { encoding: 'hex' });
    await writer.write(Buffer.from('c'));
    await writer.write('');

    expect([writer.text, writer.unflushedBytes]).toEqual(['abc', 0]);
  });

  test('has copyFrom()', async () => {
    const writer = new TextCollector();
    const { reader, writer: source } = new Pipe();
    await source.write('abc');
    await source.complete();

    await writer.copyFrom(reader);

    expect(writer.text).toBe('abc');
  });

  test('has asStream() and asWebStream(), whose ends complete it', async () => {
    const [first, second] = [new TextCollector(), new TextCollector()];

    await new Promise<void>((resolve) => first.asStream().end('abc', resolve));
    const sink = second.asWebStream().getWriter();
    await sink.write(Buffer.from('def'));
    await sink.close();

    expect([first, second].map(({ text: written, isCompleted }) => [written, isCompleted])).toEqual([
      ['abc', true],
      ['def', true],
    ]);
  });
});

test('pipes that were loaded without the streams say what to import', () => {
  jest.isolateModules(() => {
    const { Pipe: LonelyPipe } = require('../../src/pipelines/pipe') as typeof import('../../src/pipelines/pipe');
    const { reader, writer } = new LonelyPipe();
    const missing = expect.objectContaining({ code: 'ERR_PIPE_NO_STREAMS' });

    expect(() => reader.asStream()).toThrow(missing);
    expect(() => writer.asStream()).toThrow(missing);
  });
});
