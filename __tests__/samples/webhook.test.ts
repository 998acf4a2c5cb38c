import Stripe from 'stripe';
import { asJson, post, type RunningSample, startSample } from '../support/sample';

describe('webhook', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample('webhook');
  });

  afterAll(() => sample.stop());

  const body = '{"type":"paid"}';
  const sign = (payload: string, secret = 'whsec_test', timestamp = Math.floor(Date.now() / 1000)) => ({
    ...asJson,
    'Stripe-Signature': Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }),
  });

  test('takes what is signed, and parses it afterwards', async () => {
    expect(await (await post(sample, '/webhook', body, sign(body))).json()).toEqual({ received: 'paid' });
  });

  test.each([
    ['of another body', sign('{}')],
    ['of another secret', sign(body, 'whsec_other')],
    ['that is old', sign(body, 'whsec_test', 1)],
    ['that is none', asJson],
  ])('refuses a signature %s, before it parses anything', async (_name, headers) => {
    expect(await (await post(sample, '/webhook', body, headers)).json()).toMatchObject({ type: 'signature.invalid' });
    expect(await (await post(sample, '/webhook', '{', headers)).json()).toMatchObject({ type: 'signature.invalid' });
  });

  test('verifies the bytes as they came, whatever JSON would make of them', async () => {
    const spaced = '{ "type" : "\\u0070aid", "amount": 1.0 }\r\n';

    expect(await (await post(sample, '/webhook', spaced, sign(spaced))).json()).toEqual({ received: 'paid' });
  });

  test('leaves what is signed and no JSON to the parser', async () => {
    expect(await (await post(sample, '/webhook', '{', sign('{'))).json()).toMatchObject({
      type: 'entity.parse.failed',
    });
  });

  test('refuses a body that is too long', async () => {
    expect((await post(sample, '/webhook', 'x'.repeat(65_537), asJson)).status).toBe(413);
  });

  test('asks no signature of the other routes', async () => {
    expect(await (await post(sample, '/orders', '{"item":1}', asJson)).json()).toEqual({ item: 1 });
  });
});
