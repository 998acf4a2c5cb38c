import type http from 'node:http';
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import { compress, createServer } from 'pipebody';
import type { Exchange } from '../http/exchange';
import { httpScenario, type ServerVariant } from '../http/http-scenario';
import { largeText, smallRecords } from './samples';

const listen = (app: Express) => app.listen(0, '127.0.0.1');
const serve = (app: Express) => createServer(app).listen(0, '127.0.0.1');

function exchangeOf(answer: string): Exchange {
  return { method: 'GET', headers: { 'Accept-Encoding': 'gzip' }, body: '', answer };
}

/** The same handler on each server, with compression and with ours. The last one answers without any. */
function variantsOf(handler: RequestHandler): ServerVariant[] {
  const app = (...middleware: RequestHandler[]) => express().get('/', ...middleware, handler);
  const level = 6;
  const start = (open: (app: Express) => http.Server, middleware: () => RequestHandler[]) => () =>
    open(app(...middleware()));
  return [
    { name: 'listen + compression', start: start(listen, () => [compression({ level })]) },
    { name: 'listen + compress', start: start(listen, () => [compress({ level }) as RequestHandler]) },
    { name: 'createServer + compress', start: start(serve, () => [compress({ level }) as RequestHandler]) },
    { name: 'listen, not compressed', start: start(listen, () => []) },
  ];
}

const rival = 'listen + compression';

/** 1.3 KB of JSON by one call: what most answers of an API are. */
export const smallAnswer = httpScenario({
  suite: 'compress',
  name: '1.3 KB by res.json',
  file: __filename,
  exchange: exchangeOf(JSON.stringify(smallRecords)),
  variants: variantsOf((_req, res) => {
    res.json(smallRecords);
  }),
  compare: [
    { ours: 'createServer + compress', rival, atLeast: 1.8 },
    { ours: 'listen + compress', rival, atLeast: 1.8 },
  ],
});

const pieceLength = 4_096;

/** 1 MiB by a loop that writes 4 KiB and waits for `drain` where it is asked to. */
export const manyWrites = httpScenario({
  suite: 'compress',
  name: '1 MiB in 4 KiB writes',
  file: __filename,
  exchange: exchangeOf(largeText),
  variants: variantsOf((_req, res) => {
    const bytes = Buffer.from(largeText);
    res.type('json');
    let at = 0;
    const write = (): void => {
      while (at < bytes.length) {
        const piece = bytes.subarray(at, at + pieceLength);
        at += pieceLength;
        if (!res.write(piece)) {
          res.once('drain', write);
          return;
        }
      }
      res.end();
    };
    write();
  }),
  compare: [
    { ours: 'createServer + compress', rival, atLeast: 1.7 },
    { ours: 'listen + compress', rival, atLeast: 1.7 },
  ],
});
