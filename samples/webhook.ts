import express, { type NextFunction, type Request, type Response } from 'express';
import createError from 'http-errors';
import { json, type PipeReader, pipeBody } from 'pipebody';
import Stripe from 'stripe';
import { listen } from './listen';
import { answerError } from './parts/answer-error';

// A JSON API. One of its routes takes the events of Stripe, which are signed over their raw bytes: these are looked at
// before anything is parsed, and left where they are.

const secret = process.env['WEBHOOK_SECRET'] ?? 'whsec_test';
const maxBytes = 65_536;

const app = express();
app.use(pipeBody());
app.use('/webhook', verifySignature);
app.use(json({ limit: maxBytes }));

app.post('/webhook', (req, res) => {
  res.json({ received: req.body.type });
});

app.post('/orders', (req, res) => {
  res.status(201).json(req.body);
});

app.use(answerError);

async function verifySignature(req: Request, _res: Response, next: NextFunction): Promise<void> {
  const body = await peekAll(req.bodyReader);
  try {
    Stripe.webhooks.constructEvent(body, req.get('Stripe-Signature') ?? '', secret);
  } catch (error) {
    const { type, message } = error as Stripe.errors.StripeError;
    const [sentence = ''] = message.split('\n');
    // What is signed and no JSON is left to json().
    if (type === 'StripeSignatureVerificationError') throw createError(400, sentence, { type: 'signature.invalid' });
  }
  next();
}

/** The whole body, of which nothing is consumed: whoever reads next reads it from its first byte. */
async function peekAll(reader: PipeReader): Promise<Buffer> {
  for (;;) {
    const { buffer, isCompleted } = await reader.read();
    const isOver = isCompleted || buffer.length > maxBytes;
    // A copy: the segments are valid until advanceTo().
    const body = isOver ? Buffer.from(buffer.toBuffer()) : undefined;
    reader.advanceTo(buffer.start, isOver ? buffer.start : buffer.end);
    if (buffer.length > maxBytes) throw createError(413, `The body is longer than ${maxBytes} bytes.`);
    if (body !== undefined) return body;
  }
}

listen(app, (url) => [
  `curl --json '{"item":1}' ${url}/orders`,
  `curl --json '{"type":"paid"}' -H 'Stripe-Signature: t=1,v1=00' ${url}/webhook`,
  `T=$(date +%s); B='{"type":"paid"}'; S=$(printf '%s.%s' $T "$B" | openssl dgst -sha256 -hmac ${secret} -r | cut -d' ' -f1); curl --json "$B" -H "Stripe-Signature: t=$T,v1=$S" ${url}/webhook`,
]);
