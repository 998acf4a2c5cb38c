import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { answerParent } from '../runner/child';

// The process of a client that uploads forms of one file of random bytes, over some connections at once.

const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW';
const head = Buffer.from(
  `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`,
);
const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
const chunk = randomBytes(65_536);

/** What is to be uploaded. */
export interface UploadOrder {
  readonly port: number;
  readonly byteCount: number;
  readonly count: number;
  readonly connections: number;
}

answerParent({
  /** Settles when all were answered. */
  async upload({ port, byteCount, count, connections }: UploadOrder): Promise<void> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    let left = count;
    const uploadOn = async () => {
      while (left-- > 0) await uploadOne(agent, port, byteCount);
    };
    await Promise.all(Array.from({ length: connections }, uploadOn));
    agent.destroy();
  },
});

/** The server answers with the number of bytes of the file. */
async function uploadOne(agent: http.Agent, port: number, byteCount: number): Promise<void> {
  const headers = {
    'Content-Type': `multipart/form-data; boundary=${boundary}`,
    'Content-Length': head.length + byteCount + tail.length,
  };
  const request = http.request({ host: '127.0.0.1', port, method: 'POST', headers, agent });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  request.write(head);
  for (let left = byteCount; left > 0; left -= chunk.length) {
    if (!request.write(left < chunk.length ? chunk.subarray(0, left) : chunk)) await once(request, 'drain');
  }
  request.end(tail);
  const [response] = await answered;
  let answer = '';
  for await (const piece of response.setEncoding('latin1')) answer += piece;
  if (answer !== String(byteCount)) throw new Error(`Sent ${byteCount} bytes, the server got ${answer}.`);
}
