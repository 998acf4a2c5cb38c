import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGunzip, gzipSync } from 'node:zlib';
import bodyParser from 'body-parser';
import express from 'express';
import { Pipe, PipeReader } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';
import { readAll } from '../support/read-all';

let server: RunningServer;
afterEach(() => server.close());

const post = (body: Buffer | string, headers: Record<string, string> = {}) =>
  fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': 'text/plain', ...headers } });

const gzipped = (text: string) =>
  post(gzipSync(text), { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' });

const answerBody: TestHandler = async (req, res) => {
  res.end(await readAll(req.bodyReader));
};

const gunzipBody: TestHandler = (req, _res, next) => {
  delete req.headers['content-encoding'];
  req.body = req.body.pipe(createGunzip());
  next();
};

describe.each(hosts)('the request body on $name', (host) => {
  test('bodyReader reads the bytes that the client sent', async () => {
    server = await host.start(answerBody);

    const response = await post('hello');

    expect(await response.text()).toBe('hello');
  });

  test('body is a Readable that is not the request, with the same bytes', async () => {
    server = await host.start(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req.body) chunks.push(chunk);
      res.end(
        JSON.stringify([req.body instanceof Readable, (req.body as unknown) === req, String(Buffer.concat(chunks))]),
      );
    });

    const response = await post('hello');

    expect(await response.json()).toEqual([true, false, 'hello']);
  });

  test('a request without a body has none: body is undefined and bodyReader empty and completed', async () => {
    server = await host.start(async (req, res) => {
      // At once: tryRead() is not asked to wait.
      const { buffer, isCompleted } = req.bodyReader.tryRead() ?? { buffer: 'nothing yet', isCompleted: false };
      res.end(JSON.stringify([req.body === undefined, buffer.length, isCompleted]));
    });

    const response = await fetch(server.url);

    expect(await response.json()).toEqual([true, 0, true]);
  });

  test('bodyReader is the same object until the body is swapped', async () => {
    server = await host.start((req, res) => {
      const first = req.bodyReader;
      const same = first === req.bodyReader;
      req.body = Readable.from([Buffer.from('x')]);
      res.end(JSON.stringify([same, first === req.bodyReader]));
    });

    const response = await post('hello');

    expect(await response.json()).toEqual([true, false]);
  });

  test('a middleware may wait before anyone reads, also when everything has arrived meanwhile', async () => {
    let goOn: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    server = await host.start(async (req, _res, next) => {
      await arrived;
      while (!req.complete) await new Promise(setImmediate);
      next();
    }, answerBody);
    const client = await RawClient.connect(server.port);

    await client.send(postHead(10));
    await client.send('01234');
    await client.send('56789');
    goOn();

    expect(await client.responses(1)).toEqual(['0123456789']);
  });

  test('a swap by a stream decodes for bodyReader', async () => {
    server = await host.start(gunzipBody, answerBody);

    const response = await gzipped('hello');

    expect(await response.text()).toBe('hello');
  });

  test('body-parser, which has never heard of pipebody, parses the swapped body from the request', async () => {
    server = await host.start(gunzipBody, bodyParser.json() as TestHandler, (req, res) => {
      res.end(JSON.stringify(req.body));
    });

    const response = await gzipped('{"a":[1,2,3]}');

    expect(await response.json()).toEqual({ a: [1, 2, 3] });
  });

  test('req.pipe(gunzip) as the new body: gunzip keeps the raw bytes, everybody else gets the decoded ones', async () => {
    server = await host.start(
      (req, _res, next) => {
        delete req.headers['content-encoding'];
        req.body = req.pipe(createGunzip());
        next();
      },
      bodyParser.json() as TestHandler,
      (req, res) => {
        res.end(JSON.stringify(req.body));
      },
    );

    const response = await gzipped('{"a":1}');

    expect(await response.json()).toEqual({ a: 1 });
  });

  test('req.pipe(gunzip) as the new body, read by bodyReader after a while', async () => {
    server = await host.start(async (req, _res, next) => {
      req.body = req.pipe(createGunzip());
      while (!req.complete) await new Promise(setImmediate);
      await new Promise(setImmediate);
      next();
    }, answerBody);

    const response = await gzipped('x'.repeat(100_000));

    expect(await response.text()).toBe('x'.repeat(100_000));
  });

  test('a swap by a reader makes body and the request streams over it', async () => {
    server = await host.start(
      (req, _res, next) => {
        req.bodyReader = PipeReader.from(Buffer.from('{"swapped":true}'));
        next();
      },
      bodyParser.json({ type: '*/*' }) as TestHandler,
      (req, res) => {
        res.end(JSON.stringify(req.body));
      },
    );

    const response = await post('hello');

    expect(await response.json()).toEqual({ swapped: true });
  });

  test.each([
    ['at once', () => Promise.resolve()],
    ['after a while', () => new Promise(setImmediate)],
  ])('a body that was read whole and is replaced %s is parsed by body-parser from the request', async (_name, wait) => {
    server = await host.start(
      async (req, _res, next) => {
        const text = String(await readAll(req.bodyReader));
        await wait();
        req.body = Readable.from([Buffer.from(text.toUpperCase())], { objectMode: false });
        next();
      },
      bodyParser.json() as TestHandler,
      (req, res) => {
        res.end(JSON.stringify(req.body));
      },
    );

    const response = await post('{"a":1}', { 'Content-Type': 'application/json' });

    expect(await response.json()).toEqual({ A: 1 });
  });

  test.each([
    ['one block', ['abc']],
    ['two blocks', ['abcd', 'ef']],
  ])('what body took of %s of a pipe, and nobody read, is read before what its writer writes on', async (_n, texts) => {
    const pipe = new Pipe({ minimumSegmentSize: 4 });
    server = await host.start(async (req, res) => {
      req.bodyReader = pipe.reader;
      for (const text of texts) await pipe.writer.write(text);
      const memory = pipe.writer.getMemory(1);
      await once(req.body, 'readable');
      const answer = readAll(req.bodyReader);
      memory.write('!');
      pipe.writer.advance(1);
      await pipe.writer.complete();
      res.end(await answer);
    });

    const response = await post('raw');

    expect(await response.text()).toBe(`${texts.join('')}!`);
  });

  test('a swap by a web stream is read by bodyReader', async () => {
    server = await host.start((req, _res, next) => {
      req.body = Readable.toWeb(req.body).pipeThrough(new DecompressionStream('gzip') as never);
      next();
    }, answerBody);

    const response = await gzipped('hello');

    expect(await response.text()).toBe('hello');
  });

  test('any other value is a parsed value and is kept, undefined and null too', async () => {
    server = await host.start((req, res) => {
      const kept = [undefined, null, 0, 'text', { a: 1 }].map((value) => {
        req.body = value;
        return req.body === value;
      });
      res.end(JSON.stringify(kept));
    });

    const response = await post('hello');

    expect(await response.json()).toEqual([true, true, true, true, true]);
  });

  test('what bodyReader looked at and did not consume is read next by body-parser', async () => {
    server = await host.start(
      async (req, _res, next) => {
        const { buffer } = await req.bodyReader.readAtLeast(3);
        req.bodyReader.advanceTo(buffer.start);
        next();
      },
      bodyParser.json() as TestHandler,
      (req, res) => {
        res.end(JSON.stringify(req.body));
      },
    );

    const response = await post('{"peeked":1}', { 'Content-Type': 'application/json' });

    expect(await response.json()).toEqual({ peeked: 1 });
  });

  test('what was read from the request itself and not taken is read next by bodyReader', async () => {
    server = await host.start(async (req, _res, next) => {
      await once(req, 'readable');
      req.removeAllListeners('readable');
      next();
    }, answerBody);

    const response = await post('hello');

    expect(await response.text()).toBe('hello');
  });

  test('after a reader came to the end the request is not readable and complete', async () => {
    server = await host.start(async (req, res) => {
      await readAll(req.bodyReader);
      await new Promise(setImmediate);
      res.end(JSON.stringify([req.readable, req.complete]));
    });

    const response = await post('hello');

    expect(await response.json()).toEqual([false, true]);
  });

  test('a client that goes away in the middle rejects the read with 400 and request.aborted', async () => {
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<unknown>((resolve) => {
      fail = resolve;
    });
    server = await host.start((req) => {
      readAll(req.bodyReader).catch(fail);
    });
    const client = await RawClient.connect(server.port);

    await client.send(postHead(10));
    await client.send('01234');
    client.reset();

    expect(await failed).toMatchObject({ status: 400, type: 'request.aborted', expected: 10 });
  });

  test('a client that goes away in the middle rejects the read of a swapped body as well', async () => {
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<unknown>((resolve) => {
      fail = resolve;
    });
    server = await host.start((req) => {
      req.body = req.body.pipe(createGunzip());
      readAll(req.bodyReader).catch(fail);
    });
    const client = await RawClient.connect(server.port);

    await client.send(postHead(1000));
    await client.send(gzipSync('hello').subarray(0, 12));
    client.reset();

    expect(await failed).toMatchObject({ status: 400, type: 'request.aborted' });
  });

  test.each([0, 5, 12])(
    'a request whose body was swapped and not read ends and closes behind the answer, with %s bytes before it',
    async (before) => {
      const events: string[] = [];
      let close: (closed: unknown) => void = () => {};
      const closed = new Promise((resolve) => {
        close = resolve;
      });
      server = await host.start((req, res) => {
        req.on('end', () => events.push('end')).on('close', close);
        req.body = req.body.pipe(createGunzip());
        res.end();
      });
      const bytes = gzipSync('hello').subarray(0, 12);
      const client = await RawClient.connect(server.port);

      await client.send(postHead(bytes.length));
      await client.send(bytes.subarray(0, before));
      await client.responses(1);
      await client.send(bytes.subarray(before));

      await closed;
      expect(events).toEqual(['end']);
    },
  );

  test('what was received whole before the client went away can still be read', async () => {
    let answer: (text: string) => void = () => {};
    const read = new Promise<string>((resolve) => {
      answer = resolve;
    });
    server = await host.start(async (req) => {
      void req.bodyReader;
      await once(req.socket, 'close');
      answer(String(await readAll(req.bodyReader)));
    });
    const client = await RawClient.connect(server.port);

    await client.send(`${postHead(5)}hello`);
    await new Promise(setImmediate);
    client.socket.end();
    client.socket.destroySoon();

    expect(await read).toBe('hello');
  });

  test('requests one after the other on one connection each get their own body', async () => {
    server = await host.start(answerBody);
    const client = await RawClient.connect(server.port);

    for (const body of ['one', 'two', 'three']) await client.send(postHead(body.length) + body);

    expect(await client.responses(3)).toEqual(['one', 'two', 'three']);
  });

  test('requests in one segment each get their own body, also after one that nobody reads', async () => {
    server = await host.start((req, res, next) => {
      if (req.headers['content-type'] === 'skip') res.end('skipped');
      else next();
    }, answerBody);
    const client = await RawClient.connect(server.port);

    await client.send(
      `${postHead(4, 'Content-Type: skip')}1234${postHead(3)}one${postHead(4, 'Content-Type: skip')}5678${postHead(3)}two`,
    );

    expect(await client.responses(4)).toEqual(['skipped', 'one', 'skipped', 'two']);
  });

  test('a body that nobody reads does not keep the connection from the next request', async () => {
    server = await host.start((req, res, next) => {
      if (req.headers['content-type'] === 'skip') res.end('skipped');
      else next();
    }, answerBody);
    const client = await RawClient.connect(server.port);
    const big = Buffer.alloc(1_000_000, 'x');

    await client.send(postHead(big.length, 'Content-Type: skip'));
    await client.send(big);
    await client.send(`${postHead(3)}one`);

    expect(await client.responses(2)).toEqual(['skipped', 'one']);
  });

  test('a big body that was read in part does not keep the connection from the next request', async () => {
    server = await host.start(async (req, res, next) => {
      if (req.headers['content-type'] !== 'part') {
        next();
        return;
      }
      // Long enough for the socket to be paused.
      const { bodyReader } = req;
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      const { buffer } = await bodyReader.readAtLeast(100_000);
      bodyReader.advanceTo(buffer.getPosition(10));
      res.end('in part');
    }, answerBody);
    const client = await RawClient.connect(server.port);
    const big = Buffer.alloc(5_000_000, 'x');

    await client.send(postHead(big.length, 'Content-Type: part'));
    await client.send(big);
    await client.send(`${postHead(3)}one`);

    expect(await client.responses(2)).toEqual(['in part', 'one']);
  });

  test('a reader that waits when the response is finished still gets the rest', async () => {
    let answer: (text: string) => void = () => {};
    const read = new Promise<string>((resolve) => {
      answer = resolve;
    });
    server = await host.start(async (req, res) => {
      const reading = readAll(req.bodyReader);
      res.end('early');
      answer(String(await reading));
    });
    const client = await RawClient.connect(server.port);

    await client.send(`${postHead(10)}01234`);
    await client.responses(1);
    await client.send('56789');

    expect(await read).toBe('0123456789');
  });

  test.each([
    ['throws with an answer owed', async (req: { bodyReader: PipeReader }) => void (await req.bodyReader.read())],
    ['completes the reader half way', (req: { bodyReader: PipeReader }) => req.bodyReader.complete()],
  ])('a handler that %s and fails is answered, and the connection goes on', async (_name, act) => {
    server = await host.start(async (req, _res, next) => {
      if (req.headers['content-type'] !== 'fail') {
        next();
        return;
      }
      await act(req);
      next(Object.assign(new Error('failed'), { status: 418 }));
    }, answerBody);
    const client = await RawClient.connect(server.port);

    await client.send(`${postHead(10, 'Content-Type: fail')}01234`);
    await client.until((text) => text.includes('418'));
    await client.send(`56789${postHead(3)}one`);

    expect((await client.responses(2))[1]).toBe('one');
  });

  test('a corrupt coding is an error of the read, and the connection goes on', async () => {
    server = await host.start(async (req, res, next) => {
      if (req.headers['content-encoding'] !== 'gzip') {
        next();
        return;
      }
      req.body = req.body.pipe(createGunzip());
      await readAll(req.bodyReader).catch((error) => res.end(error.code));
    }, answerBody);
    const client = await RawClient.connect(server.port);
    const corrupt = Buffer.alloc(500_000, 'not gzip');

    await client.send(postHead(corrupt.length, 'Content-Encoding: gzip'));
    await client.send(corrupt);
    await client.send(`${postHead(3)}one`);

    expect(await client.responses(2)).toEqual(['Z_DATA_ERROR', 'one']);
  });

  test('a read that starts after the client has gone rejects, also when nobody had looked at the body before', async () => {
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<unknown>((resolve) => {
      fail = resolve;
    });
    server = await host.start(async (req, res) => {
      await once(res, 'close');
      readAll(req.bodyReader).catch(fail);
    });
    const client = await RawClient.connect(server.port);

    await client.send(postHead(10));
    client.reset();

    expect(await failed).toMatchObject({ status: 400, type: 'request.aborted' });
  });

  test('who counts the bytes of the request does not keep a parser from them', async () => {
    let counted = 0;
    server = await host.start((req, _res, next) => {
      req.on('data', (chunk) => {
        counted += chunk.length;
      });
      next();
    }, answerBody);

    const response = await post('hello');

    expect([await response.text(), counted]).toEqual(['hello', 5]);
  });

  test('for await over the request goes on with its body when another one is swapped in', async () => {
    server = await host.start(async (req, res) => {
      let raw = '';
      const loop = (async () => {
        for await (const chunk of req) raw += chunk;
      })();
      await new Promise(setImmediate);
      req.body = Readable.from([Buffer.from('other')], { objectMode: false });
      await loop;
      res.end(`${raw},${await readAll(req.bodyReader)}`);
    });

    const response = await post('hello');

    expect(await response.text()).toBe('hello,other');
  });

  test('bytes that were held are there for an application that gives the request another prototype', async () => {
    const app = express();
    app.use(express.json());
    app.post('/', (req, res) => {
      res.json(req.body);
    });
    server = await host.start(async (req, res) => {
      if ('app' in req) {
        // Within an application there is nothing to hand over to.
        res.end(await readAll(req.bodyReader));
        return;
      }
      while (!req.complete) await new Promise(setImmediate);
      app(req as never, res as never);
    });

    const response = await post('{"a":1}', { 'Content-Type': 'application/json' });

    expect(await response.json()).toEqual({ a: 1 });
  });

  test('whoever reads after the response is told that the rest was thrown away', async () => {
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<unknown>((resolve) => {
      fail = resolve;
    });
    server = await host.start(async (req, res) => {
      const { bodyReader } = req;
      res.end('answered');
      await once(res, 'close');
      readAll(bodyReader).catch(fail);
    });
    const client = await RawClient.connect(server.port);

    await client.send(`${postHead(10)}01234`);

    expect(await failed).toMatchObject({ type: 'request.discarded' });
  });

  test('who reads req to the end of a body swapped in can answer, though the body below has not arrived', async () => {
    server = await host.start(async (req, res) => {
      if (req.url === '/next') return res.end(await readAll(req.bodyReader));
      req.body = Readable.from([Buffer.from('swapped in')]);
      await finished(req.on('data', (chunk) => res.write(chunk)));
      return res.end();
    });
    const client = await RawClient.connect(server.port);
    const rest = 'x'.repeat(200_000);

    await client.send(`${postHead(rest.length + 1)}y`);
    await client.until((received) => received.includes('swapped in'));
    await client.send(`${rest}${postHead(5).replace('/', '/next')}hello`);

    expect(await client.responses(2)).toEqual(['swapped in', 'hello']);
  });

  test('a client that leaves after req gave the end of a body swapped in is told to signal and to the response', async () => {
    const told = new Promise((resolve) => {
      void host
        .start((req, res) => {
          req.body = Readable.from([Buffer.from('swapped in')]);
          const { signal } = req;
          req.resume().on('data', () => {});
          req.on('end', () => res.write('ended'));
          res.on('close', () => resolve([signal.aborted, res.writableFinished]));
        })
        .then(async (started) => {
          server = started;
          const client = await RawClient.connect(server.port);
          await client.send(`${postHead(10)}y`);
          await client.until((received) => received.includes('ended'));
          client.reset();
        });
    });

    expect(await told).toEqual([true, false]);
  });

  test('what a listener of req left when it paused does not keep the next request waiting', async () => {
    server = await host.start(async (req, res) => {
      if (req.url === '/next') return res.end(await readAll(req.bodyReader));
      await once(req, 'data');
      req.pause();
      return res.end('half');
    });
    const client = await RawClient.connect(server.port);
    const rest = 'x'.repeat(300_000);

    await client.send(`${postHead(rest.length)}${rest}${postHead(5).replace('/', '/next')}hello`);

    expect(await client.responses(2)).toEqual(['half', 'hello']);
  });

  test('a body that is piped on slowly after the response arrives whole, as in Node', async () => {
    const arrived = new Promise<number>((resolve) => {
      void host
        .start((req, res) => {
          let length = 0;
          const slow = new Writable({
            highWaterMark: 1,
            write: (chunk, _encoding, callback) => {
              length += chunk.length;
              setImmediate(callback);
            },
          });
          slow.on('finish', () => resolve(length));
          req.pipe(slow);
          res.end('accepted');
        })
        .then(async (started) => {
          server = started;
          const client = await RawClient.connect(server.port);
          await client.send(postHead(300_000) + 'x'.repeat(150_000));
          await client.until((received) => received.includes('accepted'));
          await client.send('x'.repeat(150_000));
        });
    });

    expect(await arrived).toBe(300_000);
  });

  test('a position that bodyReader cannot take is refused as by every reader', async () => {
    server = await host.start(async (req, res) => {
      const { buffer } = await req.bodyReader.readAtLeast(5);
      req.bodyReader.advanceTo(buffer.getPosition(2));
      await req.bodyReader.read();
      const refusals: unknown[] = [];
      for (const position of [buffer.start, Pipe.prototype]) {
        try {
          req.bodyReader.advanceTo(position as never);
        } catch (error) {
          refusals.push((error as { code?: string }).code ?? (error as Error).name);
        }
      }
      res.end(JSON.stringify(refusals));
    });

    const response = await post('hello');

    expect(await response.json()).toEqual(['ERR_PIPE_POSITION_RELEASED', 'TypeError']);
  });
});
