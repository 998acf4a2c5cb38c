import { once } from 'node:events';
import http from 'node:http';
import type { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createGunzip, createGzip, gunzipSync, gzipSync } from 'node:zlib';
import type { PipeRequest, PipeResponse } from 'pipebody';
import { readAll } from './read-all';

/** A way in which an application handles a request, and in which its client behaves. */
interface Kind {
  readonly body: Buffer;
  /** The client goes away when it has sent so many bytes of the body. */
  readonly abortAfter?: number;
  answer(req: PipeRequest, res: PipeResponse): unknown;
}

const small = Buffer.alloc(150, 'x');
const large = Buffer.alloc(200_000, 'x');

const kinds: Readonly<Record<string, Kind>> = {
  'read by a reader': { body: small, answer: async (req, res) => res.end(await readAll(req.bodyReader)) },
  'read by events': {
    body: large,
    answer: (req, res) => {
      let total = 0;
      req.on('data', (chunk: Buffer) => {
        total += chunk.length;
      });
      req.on('end', () => res.end(String(total)));
    },
  },
  'read by a pipe': { body: large, answer: (req, res) => (req.body as Readable).pipe(res) },
  unread: { body: small, answer: (_req, res) => res.end('ok') },
  'unread and large': { body: large, answer: (_req, res) => res.end('ok') },
  'half read': {
    body: large,
    answer: async ({ bodyReader }, res) => {
      const { buffer } = await bodyReader.read();
      bodyReader.advanceTo(buffer.getPosition(1), buffer.end);
      res.end('ok');
    },
  },
  'swapped by assignment': {
    body: gzipSync(large),
    answer: async (req, res) => {
      const gzip = createGzip();
      req.body = (req.body as Readable).pipe(createGunzip());
      gzip.pipe(res.body);
      res.body = gzip;
      res.end(await readAll(req.bodyReader));
    },
  },
  'swapped by transforms': {
    body: gzipSync(small),
    answer: async (req, res) => {
      req.pipeBodyThrough(createGunzip());
      res.pipeBodyThrough(createGzip());
      await res.bodyWriter.write(await readAll(req.bodyReader));
      await res.bodyWriter.complete();
    },
  },
  'with starting callbacks': {
    body: small,
    answer: (_req, res) => {
      res.onStarting(() => res.setHeader('X-Sync', 'yes'));
      res.onStarting(() => new Promise(setImmediate));
      res.onCompleted(() => {});
      res.registerForDispose({ destroy: () => {} });
      res.end('ok');
    },
  },
  'with a signal': {
    body: small,
    answer: async (req, res) => {
      req.signal.addEventListener('abort', () => {});
      for (const piece of ['a', 'b']) await res.writeAsync(piece);
      await res.completeAsync();
    },
  },
  'aborted while read': {
    body: large,
    abortAfter: 100_000,
    answer: async (req, res) => {
      await readAll(req.bodyReader);
      res.end();
    },
  },
  'aborted while swapped': {
    body: gzipSync(large),
    abortAfter: 100,
    answer: async (req, res) => {
      req.pipeBodyThrough(createGunzip());
      res.pipeBodyThrough(createGzip());
      await readAll(req.bodyReader);
      res.end();
    },
  },
  'aborted before it is answered': {
    body: small,
    abortAfter: 100,
    answer: async (req, res) => {
      await once(req.signal, 'abort');
      res.end('nobody hears it');
    },
  },
};

/** The names of all kinds: a request of each is one round. */
export const kindNames: readonly string[] = Object.keys(kinds);

/** Answers as the kind says that the URL names. */
export async function answerMixed(req: PipeRequest, res: PipeResponse): Promise<void> {
  const name = decodeURIComponent(req.url?.slice(1) ?? '');
  try {
    await kinds[name]?.answer(req, res);
  } catch (error) {
    // The clients that went away.
    if ((error as { type?: string }).type !== 'request.aborted') throw error;
  }
}

/** Sends rounds of all kinds over the connections of an agent, as many at a time as it has of them. */
export async function sendMixed(port: number, agent: http.Agent, rounds: number): Promise<void> {
  let left = rounds;
  const send = async () => {
    while (left-- > 0) for (const name of kindNames) await sendOne(port, agent, name);
  };
  await Promise.all(Array.from({ length: agent.maxSockets }, send));
}

/** Sends one request and waits for the whole answer, or goes away. */
export async function sendOne(port: number, agent: http.Agent, name: string): Promise<string> {
  const { body, abortAfter } = kinds[name] as Kind;
  const options = { agent, port, host: '127.0.0.1', method: 'POST', path: `/${encodeURIComponent(name)}` };
  const request = http.request({ ...options, headers: { 'Content-Length': body.length } });
  if (abortAfter !== undefined) {
    request.on('error', () => {});
    request.write(body.subarray(0, abortAfter), () => request.destroy());
    // Not once(), which fails with the error that going away is.
    await new Promise((resolve) => request.on('close', resolve));
    return '';
  }
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  return String(name.startsWith('swapped') ? gunzipSync(bytes) : bytes);
}

/** Collects garbage, also what finalizers let go of, without a flag of the process. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate);
    collect();
  }
}
