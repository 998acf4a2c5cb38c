import fc from 'fast-check';
import { ZstdFrames } from '../../../src/formats/decoding/zstd-frames';

/** As the zstd of Node 24 makes them, and by RFC 8878 where it does not make such. */
const frames: Record<string, string> = {
  'of one block': '28b52ffd2011890000 68656c6c6f2068656c6c6f2068656c6c6f',
  'of no bytes': '28b52ffd2000010000',
  'of a run': '28b52ffd 0058 330000 61',
  'of two blocks, with a checksum': '28b52ffd 0458 100000 6162 190000 636465 01020304',
  'with a dictionary and a long size': '28b52ffd c3 58 01020304 0500000000000000 290000 6162636465',
  'that is skipped': '532a4d18 03000000 010203',
  'that is skipped and empty': '502a4d18 00000000',
};
const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const anyFrame = fc.constantFrom(...Object.values(frames)).map(bytesOf);

describe('ZstdFrames', () => {
  test.each(Object.entries(frames))('sees the end of a frame %s, and no end before', (_name, hex) => {
    const bytes = bytesOf(hex);
    const found = new ZstdFrames();
    const wholeAfter = [...bytes].map((byte) => {
      found.split(Buffer.from([byte]));
      return found.isWhole;
    });

    expect(wholeAfter).toEqual(Array.from(bytes, (_byte, index) => index === bytes.length - 1));
  });

  test('cuts chunks where a frame ends, and nowhere else', () => {
    const bodies = fc.record({ body: fc.array(anyFrame, { minLength: 1, maxLength: 4 }), at: fc.nat(60) });
    fc.assert(
      fc.property(bodies, ({ body, at }) => {
        const bytes = Buffer.concat(body);
        const cut = Math.min(at, bytes.length);
        const found = new ZstdFrames();
        const pieces = [...found.split(bytes.subarray(0, cut)), ...found.split(bytes.subarray(cut))];

        const offsets = (parts: Buffer[]) => {
          let end = 0;
          return parts.map((part) => (end += part.length));
        };
        const expected = new Set([...offsets(body), cut]);
        expected.delete(0);
        expect(offsets(pieces)).toEqual([...expected].sort((a, b) => a - b));
        expect(found.isWhole).toBe(true);
      }),
    );
  });

  test('finds no end in what is no frame', () => {
    const found = new ZstdFrames();
    const bytes = bytesOf(`00000000 ${frames['of no bytes']}`);

    expect(found.split(bytes)).toEqual([bytes]);
    expect(found.isWhole).toBe(false);
  });

  test('takes 1,024 frames and no more', () => {
    const found = new ZstdFrames();
    const frame = bytesOf(frames['of no bytes'] as string);

    expect(found.split(Buffer.concat(Array.from({ length: 1_024 }, () => frame)))).toHaveLength(1_024);
    expect(() => found.split(frame)).toThrow(expect.objectContaining({ status: 400, limit: 1_024 }));
  });

  test('is not whole without a frame', () => {
    expect(new ZstdFrames().isWhole).toBe(false);
  });
});
