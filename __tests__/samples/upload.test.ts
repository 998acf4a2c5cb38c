import { formOf, type RunningSample, startSample } from '../support/sample';

describe('upload', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('upload');
  });

  afterAll(() => sample.stop());

  test('keeps a file and removes it', async () => {
    const body = formOf('hello');
    const kept = await (await fetch(`${sample.url}/uploads/a`, { method: 'POST', body })).json();
    const removed = await fetch(`${sample.url}/uploads`, { method: 'DELETE' });

    expect(kept).toMatchObject([{ originalname: 'a.txt', size: 5 }]);
    expect(removed.status).toBe(204);
    expect(await (await fetch(`${sample.url}/uploads`)).json()).toEqual([]);
  });
});
