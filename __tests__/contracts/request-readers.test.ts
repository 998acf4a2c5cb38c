import type { PipeReader } from 'pipebody';
import { hosts, type RunningServer } from '../support/hosts';
import { RawClient } from '../support/raw-client';
import { describePipeReader } from './pipe-reader-contract';

// The reader of a request keeps the contract of every reader, on each of the places that its members hang in.

const servers: RunningServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

const head = 'POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n';

for (const host of hosts) {
  describePipeReader({
    name: `bodyReader on ${host.name}`,
    create: (chunks) =>
      new Promise<PipeReader>((resolve, reject) => {
        host
          .start((req) => resolve(req.bodyReader))
          .then(async (server) => {
            servers.push(server);
            const client = await RawClient.connect(server.port);
            await client.send(head);
            for (const chunk of chunks) await client.send(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
            await client.send('0\r\n\r\n');
          })
          .catch(reject);
      }),
  });
}
