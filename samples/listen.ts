import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'pipebody';

/** What to try at an address, a curl line each. */
type CurlLinesOf = (url: string) => string[];

/** Starts a sample's server at PORT and HOST, by default 3000 and this machine alone, and prints what to try. */
export function listen(app: RequestListener, curlLinesOf: CurlLinesOf): void {
  const { PORT = '3000', HOST = '127.0.0.1' } = process.env;
  const server = createServer(app).listen(Number(PORT), HOST, () => {
    printCurlLines(`http://${HOST}:${(server.address() as AddressInfo).port}`, curlLinesOf);
  });
  server.once('error', (error) => {
    console.error(`${error.message}; PORT and HOST set another address.`);
    process.exit(1);
  });
}

export function printCurlLines(url: string, curlLinesOf: CurlLinesOf): void {
  const curlLines = curlLinesOf(url).map((line) => `  ${line}\n`);
  console.log(`Listening at ${url}. Try:\n\n${curlLines.join('')}`);
}
