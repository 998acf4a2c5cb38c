import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, form } from 'pipebody';

// A process of its own, which a test may kill: prints its port. The folder of temporary files is its argument.
const [, , folder] = process.argv;
const parse = form({ tempDir: folder as string });

const server: http.Server = createServer((req: http.IncomingMessage, res: http.ServerResponse) =>
  parse(req, res, () => res.end('{}')),
);
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
