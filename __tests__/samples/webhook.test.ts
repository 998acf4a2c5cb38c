import { createHmac } from 'node:crypto';
import { asJson, post, type RunningSample, startSample } from '../support/sample';

describe('webhook', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('webhook');
  });

  afterAll(() => sample.stop());

  const body = '{"type":"paid"}';
  const sign = (signed: string, seconds = Math.floor(Date.now() / 1000)) => {
    const digits = createHmac('sha256', 'whsec_test').update(`${seconds}.${signed}`).digest('hex');
    return { ...asJson, 'Stripe-Signature': `t=${seconds},v1=00,v1=${digits}` };
  };

  test('takes what is signed, and parses it afterwards', async () => {
    expect(await (await post(sample, '/webhook', body, sign(body))).json()).toEqual({ received: 'paid' });
  });

  test.each([
    ['of another body', sign('{}')],
    ['that is old', sign(body, 1)],
    ['that is none', asJson],
  ])('refuses a signature %s, before it parses anything', async (_name, headers) => {
    expect(await (await post(sample, '/webhook', body, headers)).json()).toMatchObject({ type: 'signature.invalid' });
    expect(await (await post(sample, '/webhook', '{', headers)).json()).toMatchObject({ type: 'signature.invalid' });
  });

  test('refuses a body that is too long', async () => {
    expect((await post(sample, '/webhook', 'x'.repeat(65_537), asJson)).status).toBe(413);
  });

  test('asks no signature of the other routes', async () => {
    expect(await (await post(sample, '/orders', '{"item":1}', asJson)).json()).toEqual({ item: 1 });
  });
});
