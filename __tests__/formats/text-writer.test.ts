import fc from 'fast-check';
import iconv from 'iconv-lite';
import { type FlushResult, Pipe, PipeWriter, TextWriter, type WaitOptions } from 'pipebody';
import { readAll } from '../support/read-all';

/** What a writer writes that is flushed in the end. */
async function written(write: (text: TextWriter) => unknown, encoding = 'utf-8'): Promise<Buffer> {
  const { reader, writer } = new Pipe();
  const all = readAll(reader);
  const text = new TextWriter(writer, { encoding });
  await write(text);
  await text.flush();
  await writer.complete();
  return all;
}

/** A writer of somebody else's, with what a subclass has to bring. */
class CountingWriter extends PipeWriter {
  advanced = 0;

  constructor(readonly inner: PipeWriter) {
    super();
  }

  override get unflushedBytes(): number {
    return this.inner.unflushedBytes;
  }

  override getMemory(sizeHint?: number): Buffer {
    return this.inner.getMemory(sizeHint);
  }

  override advance(byteCount: number): void {
    this.advanced += byteCount;
    this.inner.advance(byteCount);
  }

  override flush(options?: WaitOptions): Promise<FlushResult> {
    return this.inner.flush(options);
  }

  override cancelPendingFlush(): void {
    this.inner.cancelPendingFlush();
  }

  override complete(error?: unknown): Promise<void> {
    return this.inner.complete(error);
  }
}

describe('TextWriter', () => {
  test('writes the same bytes wherever the text is cut, between the halves of a pair too', async () => {
    const units = fc.string({ unit: fc.constantFrom('a', 'é', '€', '\ud83d', '\ude00'), maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(units, fc.array(fc.nat(40), { maxLength: 5 }), async (whole, cuts) => {
        const borders = [0, ...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((a, b) => a - b);

        const bytes = await written(async (text) => {
          for (const [index, end] of borders.slice(1).entries()) await text.write(whole.slice(borders[index], end));
        });

        expect(bytes).toEqual(Buffer.from(whole));
      }),
    );
  });

  test.each(['utf-16le', 'utf-16', 'shift_jis', 'windows-1252'])(
    'writes %s without a byte order mark',
    async (encoding) => {
      const bytes = await written(async (text) => {
        await text.write('aé\ud83d');
        await text.write('\ude00b');
      }, encoding);

      expect(bytes).toEqual(iconv.encode('aé😀b', encoding, { addBOM: false }));
    },
  );

  test('half a pair at the end becomes U+FFFD by a flush', async () => {
    expect(await written((text) => text.write('a\ud83d'))).toEqual(Buffer.from('a\uFFFD'));
  });

  test('ends lines as it is told to', async () => {
    const bytes = await written(async (text) => {
      await text.writeLine('one');
      text.newLine = '\r\n';
      await text.writeLine('two');
      await text.writeLine();
    });

    expect(bytes.toString()).toBe('one\ntwo\r\n\r\n');
  });

  test('writes text of any length, at the pace of the reader', async () => {
    const { reader, writer } = new Pipe();
    const whole = 'ab€😀'.repeat(50_000);
    let isWritten = false;

    const writing = new TextWriter(writer).write(whole).then(() => {
      isWritten = true;
    });
    await new Promise(setImmediate);
    expect(isWritten).toBe(false);
    expect(writer.unflushedBytes).toBeLessThan(65_536);
    const all = readAll(reader);
    await writing;
    await writer.flush();
    await writer.complete();

    expect((await all).toString()).toBe(whole);
  });

  test('nothing leaves before a flush, or 16 KiB', async () => {
    const { reader, writer } = new Pipe();
    const text = new TextWriter(writer);

    await text.write('a'.repeat(16_383));
    expect(reader.tryRead()).toBeUndefined();
    await text.write('b');

    expect(reader.tryRead()?.buffer.length).toBe(16_384);
  });

  test('says when nobody reads any more', async () => {
    const { reader, writer } = new Pipe();
    await reader.complete();

    expect(await new TextWriter(writer).write('a'.repeat(40_000))).toMatchObject({ isCompleted: true });
  });

  test('refuses a charset that is none', () => {
    const { writer } = new Pipe();

    expect(() => new TextWriter(writer, { encoding: 'klingon' })).toThrow(/^"encoding" .*'klingon'/);
    expect(() => new TextWriter(writer, { encoding: 8 as never })).toThrow(/^"encoding" must be the name/);
  });

  test('writes to any PipeWriter by its getMemory() and advance()', async () => {
    const { reader, writer } = new Pipe();
    const counting = new CountingWriter(writer);
    const text = new TextWriter(counting);

    await text.write('a€');
    await text.flush();

    expect(reader.tryRead()?.buffer.toString()).toBe('a€');
    expect(counting.advanced).toBe(4);
  });
});

test('a TextWriter whose writer was completed rejects with ERR_PIPE_WRITER_COMPLETED', async () => {
  const { writer } = new Pipe();
  const text = new TextWriter(writer);
  await writer.complete();

  await expect(text.write('a')).rejects.toMatchObject({ code: 'ERR_PIPE_WRITER_COMPLETED' });
});
