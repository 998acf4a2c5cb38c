import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import compression from 'compression';
import express, { type RequestHandler } from 'express';
import { compress } from 'pipebody';
import type { Metric, Sample } from '../runner/scenario';
import { findVariant, type Scenario } from '../runner/scenario';

const metrics: readonly Metric[] = [{ name: 'first event after ms', better: 'less', digits: 1 }];
/** The response ends then; compression has given out nothing before. */
const openMs = 500;

const variants: readonly { name: string; make: () => RequestHandler }[] = [
  { name: 'compression', make: () => compression() },
  { name: 'compress', make: () => compress() as RequestHandler },
];

const answer: RequestHandler = (_req, res) => {
  res.type('text/event-stream');
  res.write('data: first\n\n');
  setTimeout(() => res.end('data: last\n\n'), openMs);
};

async function measure(name: string): Promise<Sample> {
  const server = express().use(findVariant(variants, name).make(), answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const startedAt = performance.now();
  const waited = await firstEvent((server.address() as AddressInfo).port).then(() => performance.now() - startedAt);
  server.closeAllConnections();
  server.close();
  return { 'first event after ms': waited };
}

/** Settles when the first event can be read. */
function firstEvent(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get({ port, host: '127.0.0.1', headers: { 'Accept-Encoding': 'gzip' } }, (response) => {
        response.pipe(createGunzip()).once('data', () => {
          response.destroy();
          resolve();
        });
      })
      .once('error', reject);
  });
}

/** How long the first event of a stream of events takes to the client. */
export const eventStream: Scenario = {
  suite: 'compress',
  name: 'event stream',
  metrics,
  variants,
  compare: [{ ours: 'compress', rival: 'compression' }],
  bounds: [{ variant: 'compress', metric: 'first event after ms', atMost: 50 }],
  open: async () => ({ measure, close: () => {} }),
};
