import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'pipebody';

/**
 * Starts a sample's server at PORT and HOST, by default 3000 of this machine alone, and prints its address and what to
 * try, a curl line each.
 */
export function listen(app: RequestListener, curlLinesOf: (url: string) => string[]): void {
  const { PORT = '3000', HOST = '127.0.0.1' } = process.env;
  const server = createServer(app).listen(Number(PORT), HOST, () => {
    const url = `http://${HOST}:${(server.address() as AddressInfo).port}`;
    const curlLines = curlLinesOf(url).map((line) => `  ${line}\n`);
    console.log(`Listening at ${url}. Try:\n\n${curlLines.join('')}`);
  });
}
