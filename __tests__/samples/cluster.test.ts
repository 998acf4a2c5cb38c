import { asJson, formOf, post, type RunningSample, startSample } from '../support/sample';

describe('cluster', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('cluster');
  });

  afterAll(() => sample.stop());

  test('answers from one of its processes', async () => {
    const body = formOf('hello');
    const uploaded = await (await fetch(`${sample.url}/upload`, { method: 'POST', body })).json();

    expect(uploaded).toMatchObject({ worker: expect.any(Number), size: 5, sha256: expect.stringMatching(/^2cf24dba/) });
    expect(await (await post(sample, '/json', '{"a":1}', asJson)).json()).toMatchObject({ body: { a: 1 } });
  });
});
