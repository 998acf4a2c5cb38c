import http from 'node:http';
import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { hosts, type RunningServer } from '../support/hosts';
import { answerMixed, collectGarbage, kindNames, sendMixed, sendOne } from '../support/mixed-requests';
import { postHead, RawClient } from '../support/raw-client';
import { readAll } from '../support/read-all';

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const oneConnection = new http.Agent({ keepAlive: true, maxSockets: 1 });
let server: RunningServer;

afterEach(() => server.close());
afterAll(() => {
  agent.destroy();
  oneConnection.destroy();
});

function* endlessly() {
  for (;;) yield Buffer.alloc(65_536);
}

/** Collects until everything is gone; what is drained stays until the next heartbeat. */
async function leftOf(refs: readonly WeakRef<object>[]): Promise<number> {
  const left = () => refs.filter((ref) => ref.deref() !== undefined).length;
  for (let collections = 0; collections < 20 && left() > 0; collections++) await collectGarbage();
  return left();
}

/** How many listeners a socket has for each event. */
function listenersOf(socket: Socket): Record<string, number> {
  return Object.fromEntries(socket.eventNames().map((event) => [String(event), socket.listenerCount(event)]));
}

describe.each(hosts.filter(({ name }) => name.startsWith('Express 5')))(
  'what requests leave behind on $name',
  (host) => {
    test('2,000 mixed requests: no request, no response, and less than 2 MiB on the heap', async () => {
      const refs: WeakRef<object>[] = [];
      server = await host.start((req, res) => {
        refs.push(new WeakRef(req), new WeakRef(res));
        return answerMixed(req, res);
      });
      await sendMixed(server.port, agent, 80);
      await leftOf(refs);
      const before = process.memoryUsage().heapUsed;

      await sendMixed(server.port, agent, Math.ceil(2_000 / kindNames.length));
      agent.destroy();

      expect(await leftOf(refs)).toBe(0);
      refs.length = 0;
      await collectGarbage();
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 * 2 ** 20);
    }, 60_000);

    test('no request whose listener paused for ever beside a reader of its whole body', async () => {
      const refs: WeakRef<object>[] = [];
      server = await host.start(async (req, res) => {
        refs.push(new WeakRef(req));
        req.on('data', () => {}).pause();
        let length = 0;
        for await (const chunk of req.bodyReader) length += chunk.length;
        res.end(String(length));
      });

      // As much as a stream of any version of Node holds, and it all comes at once.
      const body = 'x'.repeat(65_000);
      for (let count = 0; count < 10; count++) {
        expect(await (await fetch(server.url, { method: 'POST', body })).text()).toBe('65000');
      }
      // A connection keeps its last request until the next one.
      await fetch(server.url).then((response) => response.text());

      expect(await leftOf(refs)).toBeLessThan(4);
    });

    test('no request whose swapped body waits for a pipe that is stuck, once the client is gone', async () => {
      const refs: WeakRef<object>[] = [];
      const held: Promise<void>[] = [];
      server = await host.start((req, res) => {
        refs.push(new WeakRef(req));
        req.body = Readable.from(endlessly());
        req.pipe(new Writable({ write: () => {} }));
        void readAll(req.bodyReader);
        held.push(new Promise((resolve) => void res.on('close', resolve)));
      });

      for (let count = 0; count < 10; count++) {
        const client = await RawClient.connect(server.port);
        await client.send(`${postHead(5)}hello`);
        while (held.length <= count) await new Promise(setImmediate);
        client.socket.destroy();
      }
      await Promise.all(held);

      expect(await leftOf(refs)).toBeLessThan(4);
    });
  },
);

describe.each(hosts.filter(({ name }) => name.includes('5') || name.includes('node:http')))(
  'a socket that stays on $name',
  (host) => {
    test.each(kindNames.filter((name) => !name.startsWith('aborted')))(
      'has the same listeners after requests %s as before',
      async (name) => {
        const seen: { socket: Socket; listeners: Record<string, number> }[] = [];
        server = await host.start((req, res) => {
          seen.push({ socket: req.socket, listeners: listenersOf(req.socket) });
          return answerMixed(req, res);
        });

        // The first request of a socket comes while node:http still waits for its head.
        for (const kind of ['unread', 'unread', name, name, name, 'unread']) {
          await sendOne(server.port, oneConnection, kind);
        }

        expect(new Set(seen.map(({ socket }) => socket)).size).toBe(1);
        expect(seen[5]?.listeners).toEqual(seen[1]?.listeners);
      },
    );
  },
);
