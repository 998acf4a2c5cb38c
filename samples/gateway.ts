import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import createError from 'http-errors';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { createServer, pipeBody } from 'pipebody';
import { listen } from './listen';
import { answerError } from './parts/answer-error';
import { replacing } from './parts/replacing';

// In front of another server (ORIGIN, or one of its own): looks at how a body begins, verifies its HMAC, passes it on
// byte by byte, and rewrites the HTML that comes back.

const secret = process.env['GATEWAY_SECRET'] ?? 'secret';
const maxBytes = 10_485_760;
let origin = process.env['ORIGIN'];

const app = express();
app.use(pipeBody({ maxRequestBodySize: maxBytes }));
app.post('/{*path}', refusePrograms, verifyBody);
app.use(rewriteHtml, createProxyMiddleware({ router: () => origin, changeOrigin: true }));
app.use(answerError);

/** By the first KiB at most, of which nothing is consumed. */
async function refusePrograms(req: Request, _res: Response, next: NextFunction): Promise<void> {
  const { buffer } = await req.bodyReader.readAtLeast(1024);
  const start = buffer.slice(0, Math.min(4, buffer.length)).toString('latin1');
  req.bodyReader.advanceTo(buffer.start);
  if (start === '\x7fELF' || start.startsWith('MZ')) throw createError(415, 'Programs are not accepted.');
  next();
}

/** Reads the whole body, which is kept meanwhile: in memory, and in a file where it is long. */
async function verifyBody(req: Request, _res: Response, next: NextFunction): Promise<void> {
  req.enableBuffering({ limit: maxBytes });
  const hmac = createHmac('sha256', secret);
  for await (const segment of req.bodyReader) hmac.update(segment);
  const given = Buffer.from(req.get('X-Signature') ?? '', 'hex');
  const expected = hmac.digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw createError(401, 'Not signed by us.');
  req.rewindBody();
  next();
}

function rewriteHtml(req: Request, res: Response, next: NextFunction): void {
  // What comes back is to be read here.
  delete req.headers['accept-encoding'];
  res.onStarting(() => {
    if (!String(res.getHeader('Content-Type')).startsWith('text/html')) return;
    res.removeHeader('Content-Length');
    res.pipeBodyThrough(replacing('</body>', '<footer>By way of the gateway.</footer></body>'));
  });
  next();
}

if (origin === undefined) {
  const own = express();
  own.get('/', (_req: Request, res: ServerResponse) => {
    res.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Origin</title><body><p>Hello.</body>');
  });
  own.post('/echo', (req, res) => void req.pipe(res));
  const server = createServer(own).listen(0, '127.0.0.1', () => {
    const address = server.address() as { port: number };
    origin = `http://127.0.0.1:${address.port}`;
  });
}

listen(app, (url) => [
  `curl -i ${url}/`,
  `printf hello | curl -i --data-binary @- ${url}/echo`,
  `printf hello | curl -i --data-binary @- -H "X-Signature: $(printf hello | openssl dgst -sha256 -hmac ${secret} -r | cut -d' ' -f1)" ${url}/echo`,
]);
