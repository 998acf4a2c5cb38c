import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { hosts, type RunningServer } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';
import { readAll } from '../support/read-all';

let server: RunningServer;
afterEach(() => server.close());

const tempFiles = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('pipebody-') && name.includes(`-${process.pid}-`));

describe.each(hosts)('a body that enableBuffering() keeps, on $name', (host) => {
  test.each([30_720, 4])(
    'that came in several chunks is read again, with %d bytes in memory',
    async (thresholdBytes) => {
      let goOn: (() => void) | undefined;
      const read = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      server = await host.start(async (req, res) => {
        req.enableBuffering({ thresholdBytes });
        req.enableBuffering({ thresholdBytes: 0 }); // It is kept already: this changes nothing.
        const { buffer } = await req.bodyReader.readAtLeast(3);
        req.bodyReader.advanceTo(buffer.end);
        goOn?.();
        const rest = await readAll(req.bodyReader);
        req.rewindBody();
        res.end(`${rest} ${await readAll(req.bodyReader)}`);
      });
      const client = await RawClient.connect(server.port);

      await client.send(`${postHead(9, 'Connection: close')}abc`);
      await read;
      await client.send('def');
      await client.send('ghi');

      expect(String(await client.closed())).toMatch(/\r\n\r\n(.*\r\n)?defghi abcdefghi/);
    },
  );

  test('is there again though its reader was completed', async () => {
    server = await host.start(async (req, res) => {
      req.enableBuffering();
      await req.bodyReader.complete();
      req.rewindBody();
      res.end(await readAll(req.bodyReader));
    });

    expect(await (await fetch(server.url, { method: 'POST', body: 'hello' })).text()).toBe('hello');
  });

  test('is gone with the response, and so is its file', async () => {
    let late: Promise<unknown> | undefined;
    server = await host.start(async (req, res) => {
      req.enableBuffering({ thresholdBytes: 1 });
      await readAll(req.bodyReader);
      req.rewindBody();
      late = once(res, 'close').then(() => readAll(req.bodyReader).catch((error) => error));
      res.end('over');
    });

    await (await fetch(server.url, { method: 'POST', body: 'hello' })).text();

    expect(await late).toMatchObject({ status: 500, type: 'request.discarded' });
    while (tempFiles().length > 0) await new Promise(setImmediate);
  });

  test.each([{ thresholdBytes: -1 }, { limit: 0.5 }])('is refused with the options %p', async (options) => {
    server = await host.start((req, res) => {
      try {
        req.enableBuffering(options);
      } catch (error) {
        res.end((error as Error).name);
      }
    });

    expect(await (await fetch(server.url, { method: 'POST', body: 'hello' })).text()).toBe('RangeError');
  });
});

test.each(hosts)('signal is aborted from the start where the client is gone, on $name', async (host) => {
  let whenAsked: ((isAborted: boolean) => void) | undefined;
  const asked = new Promise<boolean>((resolve) => {
    whenAsked = resolve;
  });
  server = await host.start((req, res) => {
    res.once('close', () => whenAsked?.(req.signal.aborted));
    res.write('a');
  });
  const client = await RawClient.connect(server.port);
  await client.send(postHead(5));
  await client.until((received) => received.includes('\r\n\r\n'));

  client.socket.destroy();

  expect(await asked).toBe(true);
});
