import http from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import express4 from 'express4';
import { createServer, pipeBody } from 'pipebody';
import { listen, type RunningServer } from './hosts';

/** A POST, its body cut into chunks where `cuts` says. */
export interface ParserRequest {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** Offsets; without any the body has a Content-Length, with some it is sent in chunks. */
  readonly cuts?: readonly number[];
}

/** What a parser made of a request: a body, or the facts of an error. */
export type Answer = Record<string, unknown>;

type HostName = 'Express 5, createServer()' | 'Express 5, app.listen()' | 'Express 5, pipeBody()' | 'Express 4';

/** Where our parser is compared with body-parser's. */
export const parserHosts: Record<HostName, (parser: RequestHandler) => Promise<RunningServer>> = {
  'Express 5, createServer()': (parser) => listen(createServer(withParser(express(), parser))),
  'Express 5, app.listen()': (parser) => listen(http.createServer(withParser(express(), parser))),
  'Express 5, pipeBody()': (parser) =>
    listen(http.createServer(withParser(express().use(pipeBody() as RequestHandler), parser))),
  'Express 4': (parser) => listen(createServer(withParser(express4() as Express, parser))),
};

function withParser(app: Express, parser: RequestHandler): Express {
  app.use(parser);
  app.use((req, res) => {
    const isStream = typeof (req.body as { pipe?: unknown } | undefined)?.pipe === 'function';
    // A request that is not the parser's keeps its stream where there is one.
    res.json({ body: isStream ? 'undefined' : plain(req.body) });
  });
  const onError: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(200).json(factsOf(error));
  };
  app.use(onError);
  return app;
}

const factNames = ['name', 'status', 'statusCode', 'expose', 'type', 'body', 'limit', 'length', 'expected', 'received'];

function factsOf(error: Record<string, unknown>): Answer {
  const facts: Answer = { isSyntaxError: error instanceof SyntaxError, message: error['message'] };
  for (const name of [...factNames, 'charset', 'encoding', 'code', 'foo']) facts[name] = plain(error[name]);
  return facts;
}

/** As JSON has it, and with what it has no word for. */
function plain(value: unknown): unknown {
  if (value === undefined || value === null) return String(value);
  return Buffer.isBuffer(value) ? { bytes: value.toString('hex') } : value;
}

/** Two servers that get the same requests. */
export interface ParserPair {
  ask(request: ParserRequest): Promise<{ ours: Answer; theirs: Answer }>;
  close(): Promise<void>;
}

export async function startPair(
  ours: RequestHandler,
  theirs: RequestHandler,
  host: HostName = 'Express 5, createServer()',
): Promise<ParserPair> {
  const servers = [
    await parserHosts[host](ours),
    await listen(http.createServer(withParser(express(), theirs))),
  ] as const;
  const agent = new http.Agent({ keepAlive: true });
  return {
    async ask(request) {
      const [our, their] = await Promise.all(servers.map((server) => post(server.port, request, agent)));
      return { ours: our as Answer, theirs: their as Answer };
    },
    async close() {
      agent.destroy();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

async function post(port: number, { headers, body, cuts = [] }: ParserRequest, agent: http.Agent): Promise<Answer> {
  const framing: Record<string, string> = cuts.length > 0 ? {} : { 'Content-Length': String(body.length) };
  const request = http.request({ host: '127.0.0.1', port, method: 'POST', agent, headers: { ...framing, ...headers } });
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    request.write(body.subarray(start, cut));
    await new Promise(setImmediate);
    start = cut;
  }
  request.end(body.subarray(start));
  let text = '';
  for await (const piece of (await answered).setEncoding('utf8')) text += piece;
  return JSON.parse(text) as Answer;
}
