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

  test.each(['br', 'gzip'])('sends each line of NDJSON on as it is made, through %s', async (coding) => {
    const response = await fetch(`${sample.url}/tokens/b?count=3&format=ndjson`, {
      headers: { 'Accept-Encoding': coding },
    });
    const pieces: string[] = [];
    for await (const piece of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      pieces.push(piece);
    }

    expect(response.headers.get('Content-Encoding')).toBe(coding);
    expect(pieces).toEqual(['{"token":"A"}\n', '{"token":" body"}\n', '{"token":" is"}\n']);
  });
});
