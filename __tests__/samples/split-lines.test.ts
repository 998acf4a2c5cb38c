import { RawClient } from '../support/raw-client';
import { asJson, post, type RunningSample, startSample } from '../support/sample';

describe('split-lines', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('split-lines');
  });

  afterAll(() => sample.stop());

  test.each(['naive', 'better', 'pipe', 'batches'])('the way "%s" gives the lines', async (way) => {
    expect(await (await post(sample, `/${way}`, 'one\ntwo\r\n\nthree')).json()).toEqual(['one', 'two', '', 'three']);
  });

  test.each([
    ['naive', false],
    ['better', true],
    ['pipe', true],
    ['batches', true],
  ])('of a character in two chunks the way "%s" makes itself: %s', async (way, isWhole) => {
    const client = await RawClient.connect(sample.port);
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
    await client.send(`${head(`/${way}`)}1\r\n`);
    await client.send(Buffer.concat([Buffer.from('é').subarray(0, 1), Buffer.from('\r\n')]));
    await client.send(
      Buffer.concat([Buffer.from('1\r\n'), Buffer.from('é').subarray(1), Buffer.from('\r\n0\r\n\r\n')]),
    );
    const answer = (await client.closed()).toString();

    expect(answer.includes('["é"]')).toBe(isWhole);
  });

  test('a table says what each way takes', async () => {
    const table = await (await post(sample, '/table', '{"bytes":2000000}', asJson)).text();

    expect(table.match(/^(naive|better|pipe|batches) +23530 +\d+ +\d+$/gm)).toHaveLength(4);
  });
});
