import http from 'node:http';
import type { Socket } from 'node:net';
import express, { type Express } from 'express';
import { createServer } from 'pipebody';
import type { Comparison } from '../runner/scenario';
import { type Exchange, orderOf } from './exchange';
import { httpScenario, type ServerVariant } from './http-scenario';

const ours = 'createServer';
const plain = 'plain functions';
const derived = 'plain functions that inherit';

function makeApp(): Express {
  return express().all('/', (_req, res) => {
    res.end('ok');
  });
}

/** What createServer() would be without the bodies: node:http's own classes with the prototypes of the application. */
function plainClasses(app: Express): { IncomingMessage: object; ServerResponse: object } {
  const incoming = http.IncomingMessage as unknown as (this: unknown, socket: Socket) => void;
  const outgoing = http.ServerResponse as unknown as (this: unknown, req: unknown, options: unknown) => void;
  function IncomingMessage(this: unknown, socket: Socket): void {
    incoming.call(this, socket);
  }
  function ServerResponse(this: unknown, req: unknown, options: unknown): void {
    outgoing.call(this, req, options);
  }
  IncomingMessage.prototype = app.request;
  ServerResponse.prototype = app.response;
  return { IncomingMessage, ServerResponse };
}

/**
 * The same with the constructors in the chain of node:http's. Then V8 counts the properties that those set when it
 * makes room in a new object; without it, responses of Node 20 end up as dictionaries.
 */
function derivedClasses(app: Express): { IncomingMessage: object; ServerResponse: object } {
  const { IncomingMessage, ServerResponse } = plainClasses(app);
  Object.setPrototypeOf(IncomingMessage, http.IncomingMessage);
  Object.setPrototypeOf(ServerResponse, http.ServerResponse);
  return { IncomingMessage, ServerResponse };
}

function start(classesOf: typeof plainClasses): http.Server {
  const app = makeApp();
  return http.createServer(classesOf(app) as http.ServerOptions, app).listen(0, '127.0.0.1');
}

const variants: readonly ServerVariant[] = [
  { name: ours, start: () => createServer(makeApp()).listen(0, '127.0.0.1') },
  { name: plain, start: () => start(plainClasses) },
  { name: derived, start: () => start(derivedClasses) },
];

const compare: readonly Comparison[] = [
  { ours, rival: plain, atLeast: 0.9 },
  { ours, rival: derived, atLeast: 0.9 },
];

const getExchange: Exchange = { method: 'GET', headers: {}, body: '', answer: 'ok' };

const postExchange: Exchange = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: orderOf(150),
  answer: 'ok',
};

/** What a body costs that nobody reads. */
export const unreadPost = httpScenario({
  name: 'unread body, POST',
  file: __filename,
  exchange: postExchange,
  variants,
  compare,
});

/** What the bodies cost where there is none. */
export const get = httpScenario({
  name: 'unread body, GET',
  file: __filename,
  exchange: getExchange,
  variants,
  compare,
});
