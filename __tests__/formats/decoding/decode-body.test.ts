import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { Pipe, PipeReader, type ReadOnlySequence } from 'pipebody';
import { isBrotliSound } from '../../../src/formats/decoding/brotli-gate';
import { decodeBody } from '../../../src/formats/decoding/decode-body';
import { resolveDecodingOptions } from '../../../src/formats/decoding/decoding-options';
import { readAll } from '../../support/read-all';

const limit = 1_000_000;
const unsafe = { allowUnsafeBrotli: true };

const encoders: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  deflate: zlib.deflateSync,
  'deflate, without its header': zlib.deflateRawSync,
  br: zlib.brotliCompressSync,
};
/** Node 22.15 and later have it. */
const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: (bytes: Buffer) => Buffer };
if (zstdCompressSync !== undefined) encoders['zstd'] = zstdCompressSync;
const codings = Object.keys(encoders);
const nameOf = (coding: string) => coding.split(',')[0] as string;
const encode = (coding: string, bytes: Buffer) => (encoders[coding] as (bytes: Buffer) => Buffer)(bytes);

/** A reader that gets the bytes piece by piece, the next when the one before was consumed. */
function inPieces(bytes: Buffer, cuts: readonly number[]): PipeReader {
  const { reader, writer } = new Pipe({ pauseWriterThreshold: 1 });
  const write = async () => {
    let start = 0;
    for (const cut of [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]) {
      if (cut > start) await writer.write(bytes.subarray(start, cut));
      start = cut;
    }
    await writer.complete();
  };
  void write();
  return reader;
}

const decode = (reader: PipeReader, names: string[], decodedLimit = limit) =>
  readAll(decodeBody(reader, names, resolveDecodingOptions(unsafe, decodedLimit)));

const text = Buffer.from('a text of some words, and some words again, and again');

describe.each(codings)('a body in %s', (coding) => {
  const encoded = encode(coding, text);
  const name = nameOf(coding);

  test('is decoded wherever it is cut', async () => {
    for (let cut = 0; cut < encoded.length; cut += 1) {
      expect(await decode(inPieces(encoded, [cut]), [name])).toEqual(text);
    }
  });

  test('is a 400 wherever it is cut off', async () => {
    for (let length = 0; length < encoded.length; length += 1) {
      await expect(decode(PipeReader.from(encoded.subarray(0, length)), [name])).rejects.toMatchObject({
        status: 400,
        type: 'entity.decode.failed',
      });
    }
  });

  test.each([[0], [0, 0, 0, 0], [...Buffer.from('xyz')], [0x1f], [0x1f, 0x8b]])(
    'is a 400 when other bytes follow it, wherever it is cut (%#)',
    async (...bytes) => {
      const body = Buffer.concat([encoded, Buffer.from(bytes)]);
      for (let cut = encoded.length - 2; cut < body.length; cut += 1) {
        await expect(decode(inPieces(body, [cut]), [name])).rejects.toMatchObject({ status: 400 });
      }
    },
  );

  test('may be as long as the limit decoded, and no longer', async () => {
    expect(await decode(PipeReader.from(encoded), [name], text.length)).toEqual(text);
    await expect(decode(PipeReader.from(encoded), [name], text.length - 1)).rejects.toMatchObject({
      status: 413,
      type: 'entity.too.large',
      limit: text.length - 1,
    });
  });
});

describe('decoding', () => {
  test('gives what was encoded, whatever it is and however it is cut', async () => {
    const anyBody = fc.record({
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(200_000).map((length) => new Uint8Array(length)),
      ),
      layers: fc.array(fc.constantFrom(...codings), { minLength: 1, maxLength: 3 }),
      cuts: fc.array(fc.nat(300), { maxLength: 4 }),
    });

    await fc.assert(
      fc.asyncProperty(anyBody, async ({ bytes, layers, cuts }) => {
        const plain: Buffer = Buffer.from(bytes);
        const body = layers.reduce((inner, coding) => encode(coding, inner), plain);
        expect((await decode(inPieces(body, cuts), layers.map(nameOf))).equals(plain)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test.each(codings.filter((coding) => coding === 'gzip' || coding === 'zstd'))(
    'takes several members or frames of %s for one body',
    async (coding) => {
      const body = Buffer.concat(['one ', '', 'two'].map((word) => encode(coding, Buffer.from(word))));

      for (let cut = 0; cut < body.length; cut += 1) {
        expect((await decode(inPieces(body, [cut]), [coding])).toString()).toBe('one two');
      }
    },
  );

  test('refuses an endless row of empty members, which never reach the limit', async () => {
    const body = Buffer.concat(Array.from({ length: 6_000 }, () => zlib.gzipSync('')));

    await expect(decode(PipeReader.from(body), ['gzip'], 100)).rejects.toMatchObject({ status: 413, limit: 100 });
  });

  test('refuses a bomb after one chunk more than the limit', async () => {
    const reader = inPieces(zlib.gzipSync(Buffer.alloc(50_000_000)), []);

    const error = await decode(reader, ['gzip'], 100_000).catch((failure: unknown) => failure);

    expect(error).toMatchObject({ status: 413, limit: 100_000 });
    expect((error as { received: number }).received).toBeLessThanOrEqual(165_536);
  });

  test('refuses a bomb in a bomb', async () => {
    const bomb = zlib.gzipSync(zlib.gzipSync(Buffer.alloc(50_000_000)));

    await expect(decode(PipeReader.from(bomb), ['gzip', 'gzip'], 100_000)).rejects.toMatchObject({ status: 413 });
  });

  test('refuses more than the ratio from 8 MiB on', async () => {
    const settings = resolveDecodingOptions({ maxRatio: 50 }, 100_000_000);
    const read = (length: number) =>
      readAll(decodeBody(PipeReader.from(zlib.gzipSync(Buffer.alloc(length))), ['gzip'], settings));

    expect(await read(8_388_608)).toHaveLength(8_388_608);
    await expect(read(8_388_609)).rejects.toMatchObject({ status: 413, type: 'entity.too.large', maxRatio: 50 });
  });

  test.each([['compress'], ['__proto__'], ['gzip', 'x'], Array.from({ length: 6 }, () => 'gzip')])(
    'refuses %s at once',
    (...names) => {
      const settings = resolveDecodingOptions({}, limit);
      const refuse = () =>
        decodeBody(
          PipeReader.from(text),
          names.filter((name) => typeof name === 'string'),
          settings,
        );

      expect(refuse).toThrow(
        expect.objectContaining({ status: 415, type: 'encoding.unsupported', encoding: names.join(', ') }),
      );
    },
  );

  test('does not decode on once its reader was completed', async () => {
    const { reader, writer } = new Pipe();
    const decoded = decodeBody(reader, ['gzip'], resolveDecodingOptions({}, limit));
    const encoded = zlib.gzipSync(text);
    const reading = decoded.read();
    await writer.write(encoded.subarray(0, 10));
    const isTaken = () => (reader as unknown as { isWaiting: boolean }).isWaiting;
    while (!isTaken()) await new Promise(setImmediate);

    await decoded.complete();

    await expect(reading).rejects.toMatchObject({ code: 'ERR_PIPE_READER_COMPLETED' });
    // The reader of the encoded bytes is free for somebody else.
    await writer.write('rest');
    expect((await reader.read()).buffer.toString()).toBe('rest');
  });

  test('hands on the error of the encoded bytes', async () => {
    const { reader, writer } = new Pipe();
    await writer.write(zlib.gzipSync(text).subarray(0, 10));
    void writer.complete(new Error('gone'));

    await expect(decode(reader, ['gzip'])).rejects.toThrow('gone');
  });
});

describe('br', () => {
  test.each([
    [{ node: '20.20.2', brotli: '1.1.0' }, false],
    [{ node: '20.20.2', brotli: '1.1.1' }, true],
    [{ node: '20.20.2', brotli: '1.0.9' }, false],
    [{ node: '20.20.2', brotli: '1.0.10' }, true],
    [{ node: '24.0.0', brotli: '1.2.0' }, false],
    [{ node: '24.0.0', brotli: '1.2.1' }, true],
    [{ node: '24.0.0', brotli: '1.3.0' }, true],
    [{ node: '22.23.3', brotli: '1.1.0' }, false],
    [{ node: '22.23.4', brotli: '1.1.0' }, true],
    [{ node: '22.24.0', brotli: '1.1.0' }, true],
    [{ node: '23.99.0', brotli: '1.1.0' }, false],
    [{ node: '24.22.1' }, true],
    [{ node: '26.12.0' }, false],
    [{ node: '26.12.1' }, true],
    [{ node: '27.0.0' }, true],
    [{ node: 'v26.12.1-rc.1', brotli: '1.1' }, false],
    [{}, false],
  ])('%j is sound: %s', (versions, isSound) => {
    expect(isBrotliSound(versions)).toBe(isSound);
  });

  test('is refused where it is not, unless that is allowed', async () => {
    const encoded = zlib.brotliCompressSync(text);
    const read = (options: object) =>
      readAll(decodeBody(PipeReader.from(encoded), ['br'], resolveDecodingOptions(options, limit)));

    if (isBrotliSound(process.versions)) expect(await read({})).toEqual(text);
    else expect(() => read({})).toThrow(expect.objectContaining({ status: 415 }));
    expect(await read(unsafe)).toEqual(text);
  });
});

describe('a body that is being decoded', () => {
  const decoded = (reader: PipeReader) => decodeBody(reader, ['gzip'], resolveDecodingOptions({}, 100_000_000));

  test('is decoded no further than it is read', async () => {
    const length = 8_000_000;
    const reader = decoded(PipeReader.from(zlib.gzipSync(Buffer.alloc(length))));

    const { buffer } = await reader.read();
    reader.advanceTo(buffer.getPosition(1));
    for (let turn = 0; turn < 5_000; turn += 1) await new Promise(setImmediate);
    const kept = reader.tryRead()?.buffer as ReadOnlySequence;
    const keptLength = kept.length;
    reader.advanceTo(kept.start);

    expect(keptLength).toBeLessThan(1_000_000);
    expect((await readAll(reader)).length).toBe(length - 1);
  });

  test('leaves encoded bytes to the next reader that come as it is given up', async () => {
    const { reader, writer } = new Pipe();
    const given = decoded(reader);
    const read = given.read();
    const refused = expect(read).rejects.toMatchObject({ code: 'ERR_PIPE_READER_COMPLETED' });
    await new Promise(setImmediate);

    void writer.write('abc');
    await given.complete();
    await refused;

    expect((await reader.readAtLeast(3)).buffer.toString()).toBe('abc');
  });

  test('may be given up while it is decoded', async () => {
    const reader = decoded(PipeReader.from(zlib.gzipSync(randomBytes(1_000_000))));
    const read = reader.readAtLeast(900_000);
    const refused = expect(read).rejects.toMatchObject({ code: 'ERR_PIPE_READER_COMPLETED' });
    await new Promise(setImmediate);

    await reader.complete();

    await refused;
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_PIPE_READER_COMPLETED' });
  });
});
