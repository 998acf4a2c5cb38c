import { once } from 'node:events';
import http from 'node:http';
import { answerParent } from '../runner/child';

// The process of a client that uploads large bodies, one after the other, over one connection.

const chunk = Buffer.alloc(65_536, 'x');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

answerParent({
  /** Uploads; gives the seconds that all of it took. */
  async upload({ port, byteCount, count }: { port: number; byteCount: number; count: number }): Promise<number> {
    const begin = process.hrtime.bigint();
    for (let index = 0; index < count; index++) await uploadOne(port, byteCount);
    return Number(process.hrtime.bigint() - begin) / 1e9;
  },
});

/** The server answers with the number of bytes that it got. */
async function uploadOne(port: number, byteCount: number): Promise<void> {
  const headers = { 'Content-Length': byteCount };
  const request = http.request({ host: '127.0.0.1', port, method: 'POST', headers, agent });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  for (let left = byteCount; left > 0; left -= chunk.length) {
    if (!request.write(left < chunk.length ? chunk.subarray(0, left) : chunk)) await once(request, 'drain');
  }
  request.end();
  const [response] = await answered;
  let answer = '';
  for await (const piece of response.setEncoding('latin1')) answer += piece;
  if (answer !== String(byteCount)) throw new Error(`Sent ${byteCount} bytes, the server got ${answer}.`);
}
