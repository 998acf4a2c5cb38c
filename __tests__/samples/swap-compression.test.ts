import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { asJson, getRaw, post, type RunningSample, startSample } from '../support/sample';

describe('swap-compression', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('swap-compression');
  });

  afterAll(() => sample.stop());

  test('body-parser reads what was gzip', async () => {
    const answer = await post(sample, '/json', gzipSync('{"a":1}'), { ...asJson, 'Content-Encoding': 'gzip' });

    expect(await answer.json()).toEqual({ a: 1 });
  });

  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('a file leaves as %s', async (coding, decode) => {
    const answer = await getRaw(sample, '/file', { 'Accept-Encoding': coding });

    expect(answer.coding).toBe(coding);
    expect(decode(answer.bytes).toString()).toContain('pipeBody');
  });

  test('a body goes there and back, decoded and encoded on its way', async () => {
    const answer = await post(sample, '/echo', gzipSync('x'.repeat(500_000)), { 'Content-Encoding': 'gzip' });

    expect(answer.headers.get('Content-Encoding')).toBe('gzip');
    expect(await answer.text()).toBe('x'.repeat(500_000));
  });
});
