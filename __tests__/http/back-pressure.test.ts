import { hosts, type RunningServer } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

const bodyLength = 200_000_000;
const block = Buffer.alloc(1_000_000);

/** Sends the whole body as fast as the server takes it. */
async function upload(client: RawClient): Promise<void> {
  await client.send(postHead(bodyLength));
  for (let sent = 0; sent < bodyLength; sent += block.length) await client.send(block);
}

/** Many turns of the event loop: long enough for everything that can go on to have gone on. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 1_000; turn += 1) await new Promise(setImmediate);
}

describe.each(hosts.filter(({ name }) => name.includes('5') || name.includes('node:http')))(
  'a slow reader on $name',
  (host) => {
    test('pauses the socket: a 200 MB upload is never held in memory', async () => {
      let bytesReadWhileWaiting = 0;
      let peakMemory = 0;
      server = await host.start(async (req, res) => {
        const { bodyReader } = req;
        await idle();
        bytesReadWhileWaiting = req.socket.bytesRead;
        for (let total = 0; ; ) {
          const { buffer, isCompleted } = bodyReader.tryRead() ?? (await bodyReader.read());
          total += buffer.length;
          bodyReader.advanceTo(buffer.end);
          peakMemory = Math.max(peakMemory, process.memoryUsage().arrayBuffers);
          if (isCompleted) {
            res.end(String(total));
            return;
          }
        }
      });
      const client = await RawClient.connect(server.port);
      const before = process.memoryUsage().arrayBuffers;

      await upload(client);

      expect(await client.responses(1)).toEqual([String(bodyLength)]);
      expect(bytesReadWhileWaiting).toBeLessThan(1_000_000);
      // Garbage that is not collected yet counts too; all of the body would be 200 MB.
      expect(peakMemory - before).toBeLessThan(160_000_000);
    });

    test('pauses the socket behind a chunk that it waited for and has not answered yet', async () => {
      const readMeanwhile: number[] = [];
      server = await host.start(async (req, res) => {
        const { bodyReader } = req;
        for (let total = 0; ; ) {
          const { buffer, isCompleted } = await bodyReader.read();
          // A smaller one leaves the client room for more.
          if (readMeanwhile.length < 10 && buffer.length >= 49_152) {
            const before = req.socket.bytesRead;
            for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
            readMeanwhile.push(req.socket.bytesRead - before);
          }
          total += buffer.length;
          bodyReader.advanceTo(buffer.end);
          if (!isCompleted) continue;
          res.end(String(total));
          return;
        }
      });
      const client = await RawClient.connect(server.port);
      const sent = 10_000_000;

      await client.send(postHead(sent));
      await client.send(Buffer.alloc(sent));

      expect(await client.responses(1)).toEqual([String(sent)]);
      expect(readMeanwhile).toEqual(Array.from({ length: 10 }, () => 0));
    });

    test('leaves no paused socket behind where it answers before it takes the chunk', async () => {
      server = await host.start(async (req, res) => {
        const { buffer } = await req.bodyReader.read();
        res.end(req.url === '/next' ? 'next' : String(buffer.length > 0));
      });
      const client = await RawClient.connect(server.port);
      const sent = 3_000_000;

      await client.send(postHead(sent));
      await idle();
      await client.send(Buffer.alloc(sent));
      await client.send(`${postHead(1).replace('POST /', 'POST /next')}x`);

      expect(await client.responses(2)).toEqual(['true', 'next']);
    });
  },
);
