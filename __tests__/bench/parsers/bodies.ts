import express, { type RequestHandler } from 'express';
import { createServer, json, urlencoded } from 'pipebody';
import { type Exchange, orderOf } from '../http/exchange';
import { httpScenario, type ServerVariant } from '../http/http-scenario';

const answer: RequestHandler = (req, res) => {
  res.end(String(Object.keys(req.body).length));
};

const appWith = (...handlers: RequestHandler[]) => express().post('/', ...handlers, answer);

/** What a handler does that has no parser. */
const readByHand: RequestHandler = (req, _res, next) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    req.body = JSON.parse(Buffer.concat(chunks).toString());
    next();
  });
};

const listen =
  (parser: RequestHandler): ServerVariant['start'] =>
  () =>
    appWith(parser).listen(0, '127.0.0.1');
const serve =
  (parser: RequestHandler): ServerVariant['start'] =>
  () =>
    createServer(appWith(parser)).listen(0, '127.0.0.1');

const inBytes = 'server CPU µs/request';

function jsonScenario(name: string, body: string, atLeast: number) {
  const exchange: Exchange = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
    answer: String(Object.keys(JSON.parse(body)).length),
  };
  const limit = '2mb';
  return httpScenario({
    suite: 'parsers',
    name,
    file: __filename,
    exchange,
    variants: [
      { name: 'listen + express.json', start: listen(express.json({ limit })) },
      { name: 'listen + json', start: listen(json({ limit })) },
      { name: 'listen, by hand', start: listen(readByHand) },
      { name: 'createServer + json', start: serve(json({ limit })) },
      { name: 'createServer, by hand', start: serve(readByHand) },
    ],
    compare: [
      { ours: 'createServer + json', rival: 'listen + express.json', atLeast, metric: inBytes },
      { ours: 'listen + json', rival: 'listen + express.json', atLeast: 1, metric: inBytes },
      { ours: 'createServer + json', rival: 'createServer, by hand', atLeast: 0.97, metric: inBytes },
    ],
  });
}

const pairsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => `field${index}=some+value%20${index}+with%2Ftext`).join('&');

function formScenario(name: string, pairs: number, atLeast: number) {
  return httpScenario({
    suite: 'parsers',
    name,
    file: __filename,
    exchange: {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: pairsOf(pairs),
      answer: String(pairs),
    },
    variants: [
      { name: 'listen + express.urlencoded', start: listen(express.urlencoded()) },
      { name: 'createServer + urlencoded', start: serve(urlencoded()) },
    ],
    compare: [{ ours: 'createServer + urlencoded', rival: 'listen + express.urlencoded', atLeast, metric: inBytes }],
  });
}

const listOf = (note: string, count: number) =>
  JSON.stringify(Array.from({ length: count }, (_, id) => ({ id, note })));

export const json150 = jsonScenario('JSON of 150 B', orderOf(150), 4);
export const json10k = jsonScenario('JSON of 10 KB', listOf('x'.repeat(80), 100), 1.6);
export const json1m = jsonScenario('JSON of 1 MB', listOf('x'.repeat(80), 10_000), 1.1);
export const cyrillic = jsonScenario('JSON of 1 MB, Cyrillic', listOf('ж'.repeat(80), 5_600), 1.3);
export const form150 = formScenario('urlencoded of 150 B', 4, 3.5);
export const form10k = formScenario('urlencoded of 10 KB', 260, 2);

export const scenarios = [json150, json10k, json1m, cyrillic, form150, form10k];
