import { once } from 'node:events';
import http from 'node:http';
import { PassThrough, pipeline, type Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Pipe, type PipeResponse, PipeWriter } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from './hosts';

// Swaps bodies twelve deep, in a process of its own: jest's process object hears no 'warning'. Prints a line for each
// host and way to swap, with what Node warned of, what the client got, and the listeners that stayed on the socket.

const depth = 12;
const requests = 20;

/** The ways to lay a stream between a handler and its response. */
const swaps: Record<string, (res: PipeResponse) => unknown> = {
  'pipeBodyThrough(), Node': (res) => res.pipeBodyThrough(new PassThrough()),
  'pipeBodyThrough(), web': (res) => res.pipeBodyThrough(new TransformStream()),
  'pipe(res.body), assigned': (res) => assign(res, pipedInto(res.body)),
  'pipe(res), assigned': (res) => assign(res, pipedInto(res)),
  'pipeline() into res, assigned': (res) => {
    const through = new PassThrough();
    pipeline(through, res, () => {});
    assign(res, through);
  },
  'a writer, assigned': (res) => {
    res.bodyWriter = PipeWriter.from(pipedInto(res.body));
  },
  'in a starting callback': (res) => res.onStarting(() => assign(res, pipedInto(res.body))),
  'a writer in a starting callback': (res) => res.onStarting(() => assignPipe(res)),
  'an encoder that is flushed': (res) => {
    if (!res.hasHeader('Content-Encoding')) res.setHeader('Content-Encoding', 'gzip').pipeBodyThrough(createGzip());
    res.flush();
  },
};

function assign(res: PipeResponse, body: Writable): void {
  res.body = body;
}

function assignPipe(res: PipeResponse): void {
  const pipe = new Pipe();
  const { bodyWriter } = res;
  const end = (error?: unknown) => bodyWriter.complete(error);
  pipe.reader.copyTo(bodyWriter).then(() => end(), end);
  res.bodyWriter = pipe.writer;
}

function pipedInto(destination: Writable): PassThrough {
  const through = new PassThrough();
  through.pipe(destination);
  return through;
}

const listenersOf = ({ socket }: http.IncomingMessage): string =>
  JSON.stringify(socket.eventNames().map((event) => [String(event), socket.listenerCount(event)]));

async function ask({ url }: RunningServer): Promise<Set<string>> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const bodies = new Set<string>();
  for (let index = 0; index < requests; index += 1) {
    const request = http.request(url, { agent, method: 'POST' }).end('hello');
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const body = Buffer.concat(await response.toArray());
    bodies.add(response.headers['content-encoding'] === undefined ? body.toString() : 'encoded');
  }
  agent.destroy();
  return bodies;
}

async function run(): Promise<void> {
  for (const host of hosts) {
    for (const [swap, layBetween] of Object.entries(swaps)) {
      const warnings = new Set<string>();
      const listeners: string[] = [];
      const note = ({ message }: Error) => warnings.add(message);
      const handler: TestHandler = async (req, res) => {
        listeners.push(listenersOf(req));
        for (let level = 0; level < depth; level += 1) {
          req.pipeBodyThrough(new PassThrough());
          layBetween(res);
        }
        const received = Buffer.concat(await req.body.toArray()).toString();
        res.write('1');
        await res.bodyWriter.write('2');
        res.end(received);
      };
      process.on('warning', note);
      const server = await host.start(handler);
      const bodies = [...(await ask(server))];
      await server.close();
      process.off('warning', note);
      const keepsListeners = listeners.at(-1) !== listeners[1];
      console.log(JSON.stringify({ host: host.name, swap, bodies, warnings: [...warnings], keepsListeners }));
    }
  }
}

void run();
