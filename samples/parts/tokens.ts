import { setTimeout as pause } from 'node:timers/promises';
import { type NextFunction, type Request, type Response, Router } from 'express';
import { compress } from 'pipebody';
import { report } from './progress';

// Tokens as a language model makes them, one by one, as server-sent events or NDJSON, through br, gzip or nothing. Each is
// with the client before the next one is made, and nothing is made for a client that has left.

// Event streams are sent on as they are written by themselves; of NDJSON it has to be said.
const streamed = { flushWrites: () => true };
const encoders = {
  br: compress({ ...streamed, encodings: ['br'] }),
  gzip: compress({ ...streamed, encodings: ['gzip'] }),
  identity: (_req: Request, _res: Response, next: NextFunction) => next(),
};
const best = compress(streamed);
const text =
  'A body is a stream and a pipe. A reader says what it has taken and what it has only looked at; a writer hands out ' +
  'memory and waits for who reads slowly. Swap the stream, and the pipe follows: that is how these words came to you.';
const words = text.split(/(?= )/);
const maxTokens = 10_000;
const tokenPauseMs = 30;

export const tokens = Router();

tokens.get('/tokens/:id', encode, async (req, res) => {
  const { format = 'sse', count = String(words.length) } = req.query;
  const write = format === 'ndjson' ? asLine : asEvent;
  let sent = 0;
  res.set('Cache-Control', 'no-store').type(format === 'ndjson' ? 'application/x-ndjson' : 'text/event-stream');
  try {
    for await (const token of generate(Math.min(Number(count) || 0, maxTokens), req.signal)) {
      await res.writeAsync(write({ token }));
      sent += 1;
    }
    res.end();
  } catch (error) {
    if (!req.signal.aborted) throw error;
  } finally {
    report(req.params['id'], { tokens: sent, stopped: req.signal.aborted });
  }
});

/** By `?coding=`, for a page, which has no say in Accept-Encoding; else as the client likes it best. */
function encode(req: Request, res: Response, next: NextFunction): void {
  const { coding } = req.query;
  const encoder = Object.hasOwn(encoders, String(coding)) ? encoders[coding as keyof typeof encoders] : best;
  encoder(req, res, next);
}

async function* generate(count: number, signal: AbortSignal): AsyncGenerator<string> {
  for (let made = 0; made < count; made += 1) {
    await pause(tokenPauseMs, undefined, { signal });
    yield words[made % words.length] as string;
  }
}

const asLine = (value: object) => `${JSON.stringify(value)}\n`;
const asEvent = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
