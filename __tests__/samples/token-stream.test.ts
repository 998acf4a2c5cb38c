import { brotliDecompressSync } from 'node:zlib';
import { getRaw, type RunningSample, startSample } from '../support/sample';

describe('token-stream', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('token-stream');
  });

  afterAll(() => sample.stop());

  test('streams through the best coding that the client takes', async () => {
    const answer = await getRaw(sample, '/tokens/a?count=2', { 'Accept-Encoding': 'gzip, br' });

    expect(answer.coding).toBe('br');
    expect(brotliDecompressSync(answer.bytes).toString()).toBe('data: {"token":"A"}\n\ndata: {"token":" body"}\n\n');
  });
});
