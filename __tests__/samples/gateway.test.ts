import { createHmac } from 'node:crypto';
import { post, type RunningSample, startSample } from '../support/sample';

describe('gateway', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('gateway');
  });

  afterAll(() => sample.stop());

  const sign = (body: Buffer) => ({ 'X-Signature': createHmac('sha256', 'secret').update(body).digest('hex') });

  test.each([1, 1023, 1024, 500_000])('passes a signed body of %i bytes on as it is', async (length) => {
    const body = Buffer.alloc(length, 'abc\r\n\0é');
    const answer = await post(sample, '/echo', body, sign(body));

    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
  });

  test('refuses what is not signed, and what is a program', async () => {
    const elf = Buffer.from('\x7fELF\0', 'latin1');

    expect((await post(sample, '/echo', 'x')).status).toBe(401);
    expect((await post(sample, '/echo', elf, sign(elf))).status).toBe(415);
  });

  test('rewrites the HTML that comes back', async () => {
    const answer = await fetch(sample.url);

    expect(await answer.text()).toContain('<p>Hello.<footer>By way of the gateway.</footer></body>');
  });

  test('answers 504 for an origin that does not answer', async () => {
    const alone = await startSample('gateway', { ORIGIN: 'http://127.0.0.1:1' });
    const body = Buffer.from('hello');
    const answer = await post(alone, '/', body, sign(body));
    await alone.stop();

    expect(answer.status).toBe(504);
  });
});
