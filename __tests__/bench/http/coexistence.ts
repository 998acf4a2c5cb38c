import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import cookieSession from 'cookie-session';
import express, { type Express, type RequestHandler } from 'express';
import morgan from 'morgan';
import onFinished from 'on-finished';
import onHeaders from 'on-headers';
import { createServer, pipeBody } from 'pipebody';
import responseTime from 'response-time';
import type { Exchange } from './exchange';
import { httpScenario, type ServerVariant } from './http-scenario';

const exchange: Exchange = { method: 'GET', headers: {}, body: '', answer: '{"ok":"Ada Lovelace"}' };

/** Ten middleware as every application has some: they look at the request, set headers, and go on. */
const ordinary: readonly RequestHandler[] = [
  (_req, res, next) => {
    res.setHeader('X-Request-Id', randomUUID());
    next();
  },
  (_req, res, next) => {
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('X-Frame-Options', 'DENY');
    next();
  },
  (_req, res, next) => {
    res.setHeader('Access-Control-Allow-Origin', '*');
    next();
  },
  (req, res, next) => {
    res.locals['user'] = req.headers.authorization === undefined ? 'guest' : 'user';
    next();
  },
  (req, res, next) => {
    if (req.method === 'OPTIONS') res.sendStatus(204);
    else next();
  },
  (req, res, next) => {
    res.locals['language'] = req.headers['accept-language'] ?? 'en';
    next();
  },
  (req, res, next) => {
    if (req.url.startsWith('/old')) res.redirect('/');
    else next();
  },
  (_req, res, next) => {
    res.locals['begin'] = performance.now();
    next();
  },
  (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  },
  (_req, _res, next) => {
    setImmediate(next);
  },
];

const log = new Writable({ write: (_line, _encoding, callback) => callback() });

/** Five that everybody installs, and that replace methods of the response or listen to it. */
const installed: readonly RequestHandler[] = [
  morgan('combined', { stream: log }),
  responseTime(),
  cookieSession({ keys: ['bench'] }),
  (_req, res, next) => {
    onHeaders(res, () => res.setHeader('X-Seen', 'yes'));
    next();
  },
  (_req, res, next) => {
    onFinished(res, () => {});
    next();
  },
];

function makeApp(before: readonly RequestHandler[], middleware: readonly RequestHandler[]): Express {
  return express()
    .use(...before, ...middleware)
    .get('/', (_req, res) => {
      res.json({ ok: 'Ada Lovelace' });
    });
}

const usual = 'app.listen';
const served = 'createServer';
const piped = 'createServer + pipeBody';

function variantsWith(middleware: readonly RequestHandler[]): ServerVariant[] {
  const bare = [(_req, _res, next) => next()] satisfies RequestHandler[];
  return [
    { name: usual, start: () => makeApp(bare, middleware).listen(0, '127.0.0.1') },
    { name: served, start: () => createServer(makeApp(bare, middleware)).listen(0, '127.0.0.1') },
    { name: piped, start: () => createServer(makeApp([pipeBody()], middleware)).listen(0, '127.0.0.1') },
  ];
}

/** What pipebody costs an application that does not use it: nothing; and what its server saves. */
export const coexistence = httpScenario({
  name: 'coexistence, ten middleware',
  file: __filename,
  exchange,
  variants: variantsWith(ordinary),
  compare: [
    { ours: piped, rival: served, atLeast: 0.95 },
    { ours: served, rival: usual, atLeast: 3 },
    { ours: piped, rival: usual, atLeast: 3 },
  ],
});

/** The same beside middleware that patches every response, whose own cost is in all variants. */
export const coexistenceInstalled = httpScenario({
  name: 'coexistence, installed middleware',
  file: __filename,
  exchange,
  variants: variantsWith(installed),
  compare: [
    { ours: piped, rival: served, atLeast: 0.95 },
    { ours: served, rival: usual },
  ],
});
