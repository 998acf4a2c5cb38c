import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { decompress, Pipe, type PipeRequest } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { rest, slowOnes } from '../support/slow-ones';

// Several read a request of which another body was swapped in: those of before go on with the one of their time.

const mostLead = 1_000_000;

let server: RunningServer;
afterEach(() => server.close());

function* pieces() {
  for (let count = 0; count < 64; count++) yield Buffer.alloc(65_536);
}

/** Each makes another body current, which does not wait for the request's own, or waits for it through a decoder. */
const bodies: [string, Buffer, TestHandler][] = [
  [
    'made of nothing that was sent',
    Buffer.alloc(8_000_000),
    (req, _res, next) => {
      req.body = Readable.from(pieces());
      next();
    },
  ],
  [
    'that comes through a Pipe',
    Buffer.alloc(8_000_000),
    (req, _res, next) => {
      const pipe = new Pipe();
      void pipe.writer.copyFrom(Readable.from(pieces())).then(() => pipe.writer.complete());
      req.bodyReader = pipe.reader;
      next();
    },
  ],
  ['that decompress() made', gzipSync(Buffer.alloc(8_000_000)), decompress({ maxRatio: 1e6 }) as TestHandler],
  [
    'that came through a stream',
    Buffer.alloc(8_000_000),
    (req, _res, next) => {
      req.body = req.body.pipe(new PassThrough());
      next();
    },
  ],
];

/** On one connection, and to the last byte of the body, so that the next request shows whether it can go on. */
async function post(agent: Agent, body: Buffer, headers = {}): Promise<string> {
  const sent = request(server.url, { method: 'POST', agent, headers }).end(body);
  const closed = once(sent, 'close');
  const [response] = await once(sent, 'response');
  const answer = await text(response);
  await closed;
  return answer;
}

/** Reads `bodyReader` beside a slower one. Gives how many bytes both got, and whether they went at one pace. */
async function readBeside(req: PipeRequest, slow: { length: number; done: Promise<unknown> }) {
  let readLength = 0;
  let lead = 0;
  for await (const chunk of req.bodyReader) {
    readLength += chunk.length;
    lead = Math.max(lead, readLength - slow.length);
  }
  await slow.done;
  return [slow.length === readLength || [slow.length, readLength], lead < mostLead || lead];
}

describe.each(hosts)('a swapped body that several read on $name', (host) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  afterAll(() => agent.destroy());

  describe.each(bodies)('%s', (_body, sent, swap) => {
    test.each(slowOnes)('goes to a slower %s whole, and at its pace', async (_name, readSlowly) => {
      server = await host.start(swap, async (req, res) => {
        res.end(JSON.stringify(await readBeside(req, readSlowly(req))));
      });
      const headers = sent.length < 1_000_000 ? { 'Content-Encoding': 'gzip' } : {};

      expect(JSON.parse(await post(agent, sent, headers))).toEqual([true, true]);
      expect(JSON.parse(await post(agent, sent, headers))).toEqual([true, true]);
    });
  });

  test('who listened before gets the whole body of that time, and pauses req as often as it likes', async () => {
    server = await host.start(async (req, res) => {
      const [, readSlowly] = slowOnes[1] as (typeof slowOnes)[0];
      const slow = readSlowly(req);
      req.body = req.body.pipe(new PassThrough());
      const swapped = await text(req);
      await slow.done;
      res.end(JSON.stringify([swapped.length, slow.length]));
    });

    expect(JSON.parse(await post(agent, Buffer.alloc(3_000_000, 'x')))).toEqual([3_000_000, 3_000_000]);
  });

  test('resume() of somebody else throws the body away, as before the swap', async () => {
    server = await host.start(async (req, res) => {
      req.on('data', () => {});
      req.body = req.body.pipe(new PassThrough());
      await rest();
      req.resume();
      await finished(req);
      res.end('answered');
    });

    expect(await post(agent, Buffer.alloc(3_000_000, 'x'))).toBe('answered');
  });

  test('the error page arrives after one who listened before has paused req for good', async () => {
    server = await host.start((req, res) => {
      req.once('data', () => {
        req.pause();
        // As finalhandler, which answers when the request is over.
        req.on('end', () => res.end('no'));
        req.resume();
      });
      req.body = req.body.pipe(new PassThrough());
    });

    expect(await post(agent, Buffer.alloc(3_000_000))).toBe('no');
  });

  test('a reader that only tries goes on when a slower one has room', async () => {
    const [, readSlowly] = slowOnes[0] as (typeof slowOnes)[0];
    server = await host.start(async (req, res) => {
      req.body = req.body.pipe(new PassThrough());
      const slow = readSlowly(req);
      const { bodyReader } = req;
      const first = await bodyReader.read();
      let length = first.buffer.length;
      bodyReader.advanceTo(first.buffer.end);
      for (let isCompleted = false; !isCompleted; ) {
        const result = bodyReader.tryRead();
        if (result === undefined) await new Promise(setImmediate);
        else {
          length += result.buffer.length;
          ({ isCompleted } = result);
          bodyReader.advanceTo(result.buffer.end);
        }
      }
      await slow.done;
      res.end(String(length));
    });

    expect(await post(agent, Buffer.alloc(3_000_000))).toBe('3000000');
  });

  test.each(['data', 'readable'])("the next request is answered where req read another body by '%s'", async (event) => {
    server = await host.start(async (req, res) => {
      req.body = Readable.from([Buffer.from('another')]);
      let received = '';
      req.on(event, (chunk = req.read()) => {
        received += chunk ?? '';
      });
      await once(req, 'end');
      res.end(received);
    });

    expect(await post(agent, Buffer.alloc(3_000_000))).toBe('another');
    expect(await post(agent, Buffer.alloc(3_000_000))).toBe('another');
  });

  test('a listener that pauses in the turn of a look at body goes on', async () => {
    server = await host.start(async (req, res) => {
      expect(req.body).toBeInstanceOf(Readable);
      await rest();
      let length = 0;
      req.on('data', (chunk) => {
        length += chunk.length;
      });
      expect(req.body).toBeInstanceOf(Readable);
      for (let wait = 0; wait < 3; wait++) await new Promise(process.nextTick);
      req.pause();
      await rest();
      req.resume();
      await once(req, 'end');
      res.end(String(length));
    });

    expect(await post(agent, Buffer.from('hello'))).toBe('5');
    expect(await post(agent, Buffer.alloc(300_000))).toBe('300000');
  });

  test('what req and its body are piped into in one tick is whole on both sides', async () => {
    server = await host.start(async (req, res) => {
      const lengths = [0, 0];
      const sinkOf = (index: 0 | 1) =>
        new Writable({
          write(chunk: Buffer, _encoding, callback) {
            lengths[index] = (lengths[index] ?? 0) + chunk.length;
            callback();
          },
        });
      // A look first: from then on everybody reads through the body.
      expect(req.body).toBeInstanceOf(Readable);
      const ends = [finished(req.pipe(sinkOf(0)))];
      ends.push(finished((req.body as Readable).pipe(sinkOf(1))));
      await Promise.all(ends);
      res.end(JSON.stringify(lengths));
    });

    expect(JSON.parse(await post(agent, Buffer.alloc(10)))).toEqual([10, 10]);
    expect(JSON.parse(await post(agent, Buffer.alloc(300_000)))).toEqual([300_000, 300_000]);
  });
});
