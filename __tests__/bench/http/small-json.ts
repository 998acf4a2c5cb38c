import type http from 'node:http';
import express, { type Express, type RequestHandler } from 'express';
import fastify from 'fastify';
import { createServer, json, pipeBody } from 'pipebody';
import { type Exchange, orderOf } from './exchange';
import { httpScenario } from './http-scenario';

const exchange: Exchange = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: orderOf(150),
  answer: '{"ok":"Ada Lovelace"}',
};

const answerByJson: RequestHandler = (req, res) => {
  res.json({ ok: req.body.name });
};

const answerByEnd: RequestHandler = (req, res) => {
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.end(JSON.stringify({ ok: req.body.name }));
};

/** What fastify's answers have, and no more: it makes neither an ETag nor an X-Powered-By. */
function bareExpress(): Express {
  return express().set('etag', false).disable('x-powered-by');
}

function withRoute(app: Express, ...handlers: RequestHandler[]): Express {
  return app.post('/', ...handlers);
}

const listen = (app: Express) => app.listen(0, '127.0.0.1');
const serve = (app: Express) => createServer(app).listen(0, '127.0.0.1');

async function startFastify(): Promise<http.Server> {
  const app = fastify();
  app.post('/', async (request) => ({ ok: (request.body as { name: string }).name }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}

/** 150 bytes of JSON in, a small object out: what most requests to an API are. */
export const smallJson = httpScenario({
  name: 'small JSON',
  file: __filename,
  exchange,
  variants: [
    {
      name: 'listen + express.json',
      start: () => listen(withRoute(bareExpress(), express.json(), answerByJson)),
    },
    { name: 'listen + json', start: () => listen(withRoute(bareExpress(), json(), answerByJson)) },
    {
      name: 'listen + pipeBody + json',
      start: () => listen(withRoute(bareExpress().use(pipeBody()), json(), answerByJson)),
    },
    { name: 'createServer + json', start: () => serve(withRoute(bareExpress(), json(), answerByJson)) },
    { name: 'fastify', start: startFastify },
    {
      name: 'listen + express.json, ETag',
      start: () => listen(withRoute(express(), express.json(), answerByJson)),
    },
    { name: 'createServer + json, ETag', start: () => serve(withRoute(express(), json(), answerByJson)) },
    {
      name: 'listen + express.json, res.end',
      start: () => listen(withRoute(bareExpress(), express.json(), answerByEnd)),
    },
    { name: 'createServer + json, res.end', start: () => serve(withRoute(bareExpress(), json(), answerByEnd)) },
  ],
  compare: [
    { ours: 'createServer + json', rival: 'listen + express.json', atLeast: 4 },
    { ours: 'createServer + json', rival: 'fastify', atLeast: 0.75 },
    { ours: 'listen + json', rival: 'listen + express.json', atLeast: 1 },
  ],
});
