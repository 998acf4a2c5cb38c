import { once } from 'node:events';
import type { PipeResponse } from 'pipebody';
import { hosts, type RunningServer } from '../support/hosts';
import { RawClient } from '../support/raw-client';
import { describePipeWriter } from './pipe-writer-contract';

// The writer of a response keeps the contract of every writer, on each of the places that its members hang in.

const servers: RunningServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

const bodyOf = (response: Buffer) => response.subarray(response.indexOf('\r\n\r\n') + 4).toString();

for (const host of hosts) {
  describePipeWriter({
    name: `bodyWriter on ${host.name}`,
    create: async () => {
      let whenAsked: ((res: PipeResponse) => void) | undefined;
      const asked = new Promise<PipeResponse>((resolve) => {
        whenAsked = resolve;
      });
      const server = await host.start((_req, res) => whenAsked?.(res));
      servers.push(server);
      const client = await RawClient.connect(server.port);
      client.socket.pause();
      // HTTP/1.0 has no chunks: the end of the connection is that of the body.
      await client.send('GET / HTTP/1.0\r\n\r\n');
      const res = await asked;
      return {
        writer: res.bodyWriter,
        received: async () => {
          client.socket.resume();
          return bodyOf(await client.closed());
        },
        stopReading: () => {
          const closed = once(res, 'close');
          client.reset();
          return closed;
        },
      };
    },
  });
}
