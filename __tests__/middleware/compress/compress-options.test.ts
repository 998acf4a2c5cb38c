import { compress } from 'pipebody';

describe('compress() refuses, when it is made,', () => {
  test.each([
    [{ threshold: '5 apples' }, TypeError],
    [{ threshold: -1 }, TypeError],
    [{ encodings: ['gzip', 'lzw'] }, TypeError],
    [{ enforceEncoding: 'lzw' }, TypeError],
    [{ filter: true }, TypeError],
    [{ filter: Symbol('no function') }, TypeError],
    [{ encodings: [undefined] }, TypeError],
    [{ exclude: '/account' }, TypeError],
    [{ flushWrites: true }, TypeError],
    [{ brotli: 5 }, TypeError],
    [{ zstd: 'fast' }, TypeError],
  ])('%j', (options, error) => {
    expect(() => compress(options as never)).toThrow(error);
  });

  test.each([{ level: 10 }, { memLevel: 0 }, { windowBits: 16 }, { chunkSize: 1 }, { brotli: { chunkSize: 1 } }])(
    '%j, which zlib refuses',
    (options) => {
      expect(() => compress(options)).toThrow();
    },
  );
});
