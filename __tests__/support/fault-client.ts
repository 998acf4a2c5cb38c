import { type Address, RawClient } from './raw-client';

/** What came back, if anything did. */
export interface Reply {
  /** 0 when the connection was closed before an answer. */
  readonly status: number;
  readonly head: string;
  /** As it came, with its chunks. */
  readonly body: string;
}

/** Sends pieces one after the other, each with the system before the next, and waits for the first final answer. */
export async function request(to: number | Address, pieces: readonly (Buffer | string)[]): Promise<Reply> {
  const client = await RawClient.connect(to);
  for (const piece of pieces) {
    if (client.isClosed) break;
    await client.send(piece);
  }
  const received = await client.until((text) => isWhole(finalAnswer(text)));
  client.socket.destroy();
  return replyOf(finalAnswer(received));
}

/** Sends bytes and is gone: with a reset, or with an end and nothing more. */
export async function vanish(to: number | Address, bytes: Buffer, how: 'reset' | 'end' = 'reset'): Promise<void> {
  const client = await RawClient.connect(to);
  await client.send(bytes);
  if (how === 'reset') client.reset();
  else client.socket.end();
  await client.closed();
}

/** A request with a Content-Length, or in chunks of some bytes. */
export function post(path: string, headers: string, body: Buffer | string, chunkBytes?: number): Buffer {
  const bytes = Buffer.from(body as string);
  const framing = chunkBytes === undefined ? `Content-Length: ${bytes.length}` : 'Transfer-Encoding: chunked';
  const head = `POST ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n${framing}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), chunkBytes === undefined ? bytes : chunked(bytes, chunkBytes)]);
}

export function chunked(bytes: Buffer, chunkBytes: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes);
    pieces.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}

/** Everything apart. */
export const byteByByte = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

/** Without the 100 Continue before it. */
function finalAnswer(text: string): string {
  return text.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '');
}

function isWhole(text: string): boolean {
  const { status, head, body } = replyOf(text);
  if (status === 0) return false;
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length);
  return /transfer-encoding: chunked/i.test(head) ? body.endsWith('0\r\n\r\n') : true;
}

function replyOf(text: string): Reply {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return { status: 0, head: '', body: '' };
  const status = Number(text.slice(9, 12));
  return { status, head: text.slice(0, headEnd), body: text.slice(headEnd + 4) };
}
