import { asJson, post, type RunningSample, startSample } from '../support/sample';

describe('json-to-url', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('json-to-url');
  });

  afterAll(() => sample.stop());

  test('makes a URL of a path, whatever is in it', async () => {
    const answer = await post(sample, '/', JSON.stringify({ path: 'docs/../é?a=1#b' }), asJson);

    expect(await answer.text()).toBe('https://example.com/docs/../%C3%A9%3Fa%3D1%23b');
    expect(answer.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
  });

  test.each([
    ['{"path":1}', 422, 'entity.schema.failed'],
    ['{"path":', 400, 'entity.parse.failed'],
    [JSON.stringify({ path: 'x'.repeat(10_240) }), 413, 'entity.too.large'],
  ])('answers what is no path with an error', async (body, status, type) => {
    expect(await (await post(sample, '/', body, asJson)).json()).toMatchObject({ status, type });
  });
});
