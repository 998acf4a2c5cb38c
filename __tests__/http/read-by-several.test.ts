import { once } from 'node:events';
import { PassThrough, type Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { form, json, type PipeRequest, readLines } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';
import { readAll } from '../support/read-all';
import { rest, slowOnes } from '../support/slow-ones';

// As in Node, everybody who listens to a request gets all of its bytes, also where somebody else reads bodyReader.

let server: RunningServer;
afterEach(() => server.close());

const befores: [string, TestHandler][] = [
  ['nothing before', (_req, _res, next) => next()],
  [
    'a look at body before',
    (req, _res, next) => {
      expect(req.body).not.toBe(req);
      next();
    },
  ],
  [
    'a body swapped in before',
    (req, _res, next) => {
      req.body = req.body.pipe(new PassThrough());
      next();
    },
  ],
];

const whenComplete: TestHandler = async (req, _res, next) => {
  while (!req.complete) await new Promise(setImmediate);
  next();
};

const afterATurn: TestHandler = (_req, _res, next) => void setImmediate(next);

const times: [string, TestHandler[]][] = [
  ['at once', []],
  ['a turn later', [afterATurn]],
  ['when it has arrived', [whenComplete]],
];

/** Collects the bytes, as those do who verify a signature. */
const collect: TestHandler = (req, _res, next) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    (req as { collected?: string }).collected = String(Buffer.concat(chunks));
  });
  next();
};

const post = (body: string) =>
  fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });

/** What flows to nobody any more, when somebody iterates. */
const flowing: [string, (req: Readable) => Promise<unknown> | undefined][] = [
  ['once()', (req) => once(req, 'data').then(([chunk]) => chunk)],
  ['a listener that came and went', (req) => void req.on('data', ignore).off('data', ignore)],
  ['resume()', (req) => void req.resume()],
];

/** Each takes no more at first, and leaves a few turns later. */
const leavers: [string, (req: Readable) => Promise<void>][] = [
  [
    'is unpiped',
    async (req) => {
      const stuck = new Writable({ write: ignore });
      req.pipe(stuck);
      await rest();
      req.unpipe(stuck);
    },
  ],
  [
    'goes away',
    async (req) => {
      req.on('data', ignore).pause();
      await rest();
      req.off('data', ignore);
    },
  ],
  [
    'is destroyed',
    async (req) => {
      const stuck = new Writable({ write: ignore });
      req.pipe(stuck);
      await rest();
      stuck.destroy();
    },
  ],
];

/** Makes `req` flow to nobody beside a read of `bodyReader`. Gives how many bytes were read. */
const resumers: [string, (req: PipeRequest) => Promise<number>][] = [
  [
    'while a read waits',
    async (req) => {
      const { bodyReader } = req;
      const reading = bodyReader.read();
      req.resume();
      await rest();
      const { buffer } = await reading;
      bodyReader.advanceTo(buffer.end);
      return buffer.length;
    },
  ],
  [
    'while a read owes its answer',
    async (req) => {
      const { bodyReader } = req;
      const { buffer } = await bodyReader.read();
      req.resume();
      await rest();
      bodyReader.advanceTo(buffer.end);
      return buffer.length;
    },
  ],
];

describe.each(hosts)('a request that several read on $name', (host) => {
  describe.each(flowing)('after %s', (_way, take) => {
    test.each(['', 'a look at body'])('for await goes on with the bytes that come, %s', async (look) => {
      server = await host.start(async (req, res) => {
        if (look !== '') expect(req.body).not.toBe(req);
        // Awaiting nothing would let bytes flow away, in Node too.
        const taken = take(req);
        let text = taken === undefined ? '' : String(await taken);
        for await (const chunk of req) text += chunk;
        res.end(text);
      });

      const response = await post('0123456789'.repeat(30_000));

      expect(await response.text()).toBe('0123456789'.repeat(30_000));
    });
  });

  describe.each(befores)('with %s', (_before, before) => {
    test.each(times)('what a listener collects is whole behind json(), attached %s', async (_when, wait) => {
      server = await host.start(before, ...wait, collect, json() as TestHandler, (req, res) => {
        res.end(JSON.stringify([(req as { collected?: string }).collected, JSON.stringify(req.body)]));
      });
      const body = JSON.stringify({ text: 'x'.repeat(20_000) });

      const response = await post(body);

      expect(await response.json()).toEqual([body, body]);
    });

    test('a body that does not fit into memory goes to both, at the pace of the reader', async () => {
      server = await host.start(before, async (req, res) => {
        let length = 0;
        req.on('data', (chunk) => {
          length += chunk.length;
        });
        let readLength = 0;
        for await (const chunk of req.bodyReader) {
          readLength += chunk.length;
          if (readLength % 3 === 0) await new Promise(setImmediate);
        }
        await new Promise(setImmediate);
        res.end(JSON.stringify([length, readLength]));
      });

      const response = await post('x'.repeat(3_000_000));

      expect(await response.json()).toEqual([3_000_000, 3_000_000]);
    });

    test('a listener gets the rest after somebody has only looked', async () => {
      server = await host.start(before, async (req, res) => {
        const body = buffer(req.pipe(new PassThrough()));
        const { buffer: found } = await req.bodyReader.readAtLeast(3);
        req.bodyReader.advanceTo(found.start, found.end);
        res.end(String(await body));
      });
      const client = await RawClient.connect(server.port);

      await client.send(`${postHead(200_003)}abc`);
      await new Promise(setImmediate);
      await client.send('x'.repeat(200_000));

      expect((await client.responses(1))[0]).toBe(`abc${'x'.repeat(200_000)}`);
    });

    test('what req is piped into is whole where somebody reads bodyReader, too', async () => {
      server = await host.start(before, async (req, res) => {
        const chunks: Buffer[] = [];
        const slow = new Writable({
          highWaterMark: 1,
          write: (chunk, _encoding, callback) => {
            chunks.push(chunk);
            setImmediate(callback);
          },
        });
        const isPiped = finished(req.pipe(slow));
        const text = String(await readAll(req.bodyReader));
        await isPiped;
        res.end(JSON.stringify([String(Buffer.concat(chunks)) === text, text.length]));
      });

      const response = await post('0123456789'.repeat(30_000));

      expect(await response.json()).toEqual([true, 300_000]);
    });

    test.each(slowOnes)('a slower %s sets the pace for whoever reads bodyReader', async (_name, readSlowly) => {
      const mostLead = 1_000_000;
      server = await host.start(before, async (req, res) => {
        const slow = readSlowly(req);
        let readLength = 0;
        let lead = 0;
        for await (const chunk of req.bodyReader) {
          readLength += chunk.length;
          lead = Math.max(lead, readLength - slow.length);
        }
        await slow.done;
        res.end(JSON.stringify([readLength, slow.length, lead < mostLead || lead]));
      });

      const response = await post('x'.repeat(8_000_000));

      expect(await response.json()).toEqual([8_000_000, 8_000_000, true]);
    });

    test.each(slowOnes)('a slower %s gets all bytes where the body is swapped meanwhile', async (_name, readSlowly) => {
      server = await host.start(before, async (req, res) => {
        const slow = readSlowly(req);
        const { bodyReader } = req;
        let readLength = 0;
        while (readLength < 200_000) {
          const result = await bodyReader.read();
          readLength += result.buffer.length;
          bodyReader.advanceTo(result.buffer.end);
        }
        req.body = req.body.pipe(new PassThrough());
        readLength += (await buffer(req.body)).length;
        await slow.done;
        res.end(JSON.stringify([readLength, slow.length]));
      });

      const response = await post('x'.repeat(600_000));

      expect(await response.json()).toEqual([600_000, 600_000]);
    });

    test.each(leavers)('whoever reads bodyReader goes on when a slower reader %s', async (_name, leave) => {
      server = await host.start(before, async (req, res) => {
        const isHeld = leave(req);
        let length = 0;
        const reading = (async () => {
          for await (const chunk of req.bodyReader) length += chunk.length;
        })();
        await Promise.race([isHeld, reading]);
        await reading;
        res.end(String(length));
      });

      const response = await post('x'.repeat(3_000_000));

      expect(await response.text()).toBe('3000000');
    });

    test.each(resumers)('resume() %s throws nothing away', async (_when, take) => {
      server = await host.start(before, async (req, res) => {
        let length = await take(req);
        for await (const chunk of req.bodyReader) length += chunk.length;
        res.end(String(length));
      });

      const response = await post('x'.repeat(300_000));

      expect(await response.text()).toBe('300000');
    });

    test('who reads bodyReader after resume() threw the body away is told so', async () => {
      server = await host.start(before, async (req, res) => {
        const { bodyReader } = req;
        req.resume();
        await rest();
        res.end(await bodyReader.read().then(String, ({ type }) => type));
      });

      const response = await post('x'.repeat(300_000));

      expect(await response.text()).toBe('request.discarded');
    });

    test('a listener keeps no byte from form(), which looks before it reads', async () => {
      let length = 0;
      server = await host.start(
        before,
        (req, _res, next) => {
          req.on('data', (chunk) => {
            length += chunk.length;
          });
          next();
        },
        form() as TestHandler,
        (req, res) => res.end(JSON.stringify(req.body)),
      );
      const client = await RawClient.connect(server.port);
      const body = '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--\r\n';

      // The head and the body in one packet.
      await client.send(postHead(body.length, 'Content-Type: multipart/form-data; boundary=B') + body);

      expect(await client.responses(1)).toEqual(['{"a":"1"}']);
      expect(length).toBe(body.length);
    });

    const idlers: [string, (req: PipeRequest) => void][] = [
      ['resume() was called', (req) => void req.resume()],
      ['a listener came and went', (req) => void req.on('data', ignore).off('data', ignore)],
    ];

    test.each(idlers)('json() reads a body after %s', async (_name, idle) => {
      server = await host.start(
        before,
        (req, _res, next) => {
          idle(req);
          next();
        },
        json() as TestHandler,
        (req, res) => res.end(JSON.stringify(req.body)),
      );

      const response = await post('{"a":1}');

      expect(await response.text()).toBe('{"a":1}');
    });

    test('a listener that was paused gets the whole body behind json(), when it goes on', async () => {
      let collected: Promise<Buffer> | undefined;
      server = await host.start(
        before,
        (req, _res, next) => {
          collected = once(req.on('data', ignore).pause(), 'resume').then(() => buffer(req.pipe(new PassThrough())));
          next();
        },
        json() as TestHandler,
        (req, res) => {
          req.resume();
          res.end();
        },
      );

      await post('{"a":"1"}');

      expect(String(await collected)).toBe('{"a":"1"}');
    });

    test('a listener keeps no line from readLines(), which begins to read by a promise', async () => {
      let length = 0;
      server = await host.start(before, async (req, res) => {
        req.on('data', (chunk) => {
          length += chunk.length;
        });
        const lines: string[] = [];
        for await (const line of readLines(req.bodyReader)) lines.push(line);
        res.end(lines.join());
      });
      const client = await RawClient.connect(server.port);

      // The head and the body in one packet.
      await client.send(`${postHead(4)}a\nb\n`);

      expect(await client.responses(1)).toEqual(['a,b']);
      expect(length).toBe(4);
    });

    test('who listens gets the whole body where enableBuffering() comes after, and so does who reads it twice', async () => {
      server = await host.start(before, async (req, res) => {
        const isPiped = buffer(req.pipe(new PassThrough()));
        req.enableBuffering();
        const first = String(await readAll(req.bodyReader));
        req.rewindBody();
        res.end(JSON.stringify([String(await isPiped), first, String(await readAll(req.bodyReader))]));
      });

      const response = await post('{"a":1}');

      expect(await response.json()).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
    });

    test("who reads by 'readable' gets the whole body where enableBuffering() comes after", async () => {
      server = await host.start(before, async (req, res) => {
        let length = 0;
        req.on('readable', () => {
          for (let chunk = req.read(); chunk !== null; chunk = req.read()) length += chunk.length;
        });
        const end = once(req, 'end');
        req.enableBuffering();
        const first = await readAll(req.bodyReader);
        await end;
        res.end(JSON.stringify([first.length, length]));
      });

      const response = await post('x'.repeat(300_000));

      expect(await response.json()).toEqual([300_000, 300_000]);
    });

    test("what one who reads by 'readable' collects is whole behind json(), and is not read twice", async () => {
      const chunks: Buffer[] = [];
      server = await host.start(
        before,
        (req, _res, next) => {
          req.on('readable', () => {
            for (let chunk = req.read(); chunk !== null; chunk = req.read()) chunks.push(chunk);
          });
          next();
        },
        json() as TestHandler,
        (_req, res) => res.end(String(Buffer.concat(chunks))),
      );

      const response = await post('{"a":1}');

      expect(await response.text()).toBe('{"a":1}');
    });

    test('who listens gets the whole body that json() refused, and the client its answer', async () => {
      let length = 0;
      server = await host.start(
        before,
        (req, _res, next) => {
          req.on('data', (chunk) => {
            length += chunk.length;
          });
          next();
        },
        json({ limit: 5 }) as TestHandler,
      );

      const response = await post(JSON.stringify('x'.repeat(3_000)));

      expect([response.status, length]).toEqual([413, 3_002]);
    });
  });
});

function ignore(): void {}
