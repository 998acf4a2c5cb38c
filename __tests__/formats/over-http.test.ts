import { once } from 'node:events';
import http from 'node:http';
import { readJsonArray, readLines, writeJsonArray, writeJsonLines } from 'pipebody';
import { hosts, type RunningServer } from '../support/hosts';
import { RawClient } from '../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

describe.each(hosts)('formats on $name', (host) => {
  test('an array is answered with its elements as they are read', async () => {
    server = await host.start(async (req, res) => {
      await writeJsonArray(res.bodyWriter, readJsonArray(req.bodyReader));
      res.end();
    });
    const body = JSON.stringify(Array.from({ length: 5_000 }, (_, id) => ({ id, name: 'é'.repeat(id % 50) })));

    const response = await fetch(server.url, { method: 'POST', body });

    expect(await response.text()).toBe(body);
  });

  test('a producer that fails cuts the response, so that it does not look whole', async () => {
    server = await host.start(async (_req, res) => {
      const values = (async function* () {
        yield* [1, 2];
        await new Promise(setImmediate);
        throw new Error('The database is gone.');
      })();
      await writeJsonLines(res.bodyWriter, values, { flushInterval: 0 }).catch(() => {});
    });

    const response = await fetch(server.url);

    await expect(response.text()).rejects.toBeDefined();
  });

  test('a producer that fails before its first value leaves the response to who handles the error', async () => {
    server = await host.start(async (_req, res) => {
      const values = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('No connection.')) }) };
      await writeJsonArray(res.bodyWriter, values).catch(({ message }) => {
        res.statusCode = 500;
        res.end(message);
      });
    });

    const response = await fetch(server.url);

    expect([response.status, await response.text()]).toEqual([500, 'No connection.']);
  });

  test('a client that goes away stops the producer', async () => {
    const stopped = new Promise<void>((resolve) => {
      host
        .start(async (_req, res) => {
          const values = (async function* () {
            try {
              for (;;) {
                yield 'x'.repeat(1_000);
                await new Promise(setImmediate);
              }
            } finally {
              resolve();
            }
          })();
          await writeJsonLines(res.bodyWriter, values).catch(() => {});
        })
        .then(async (started) => {
          server = started;
          const request = http.get(server.url);
          const [response] = await once(request, 'response');
          await once(response, 'data');
          request.on('error', () => {});
          response.destroy();
        });
    });

    await stopped;
  });

  test('who leaves the lines answers at once, and the connection goes on', async () => {
    server = await host.start(async (req, res) => {
      for await (const line of readLines(req.bodyReader)) {
        res.end(line);
        break;
      }
    });
    const client = await RawClient.connect(server.port);
    const head = (length: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;

    await client.send(`${head(9)}one\ntwo\n3`);
    await client.responses(1);
    await client.send(`${head(5)}four\n`);

    expect(await client.responses(2)).toEqual(['one', 'four']);
  });
});
