import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import tls from 'node:tls';

/** Where a server listens on this machine. */
export interface Address {
  readonly port: number;
  readonly isSecure: boolean;
}

/** A client that sends exactly the bytes it is told to, when it is told to. */
export class RawClient {
  readonly socket: Socket;
  /** What can be reset: the connection beneath TLS. */
  readonly #transport: Socket;
  isClosed = false;
  #chunks: Buffer[] = [];
  #wake: (() => void) | undefined;

  private constructor(socket: Socket, transport: Socket) {
    this.socket = socket;
    this.#transport = transport;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake?.();
    });
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake?.();
    });
    socket.on('error', () => {});
  }

  static async connect(to: number | Address): Promise<RawClient> {
    const { port, isSecure } = typeof to === 'number' ? { port: to, isSecure: false } : to;
    const transport = connect(port, '127.0.0.1');
    await once(transport, 'connect');
    if (!isSecure) return new RawClient(transport, transport);
    const socket = tls.connect({ socket: transport, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return new RawClient(socket, transport);
  }

  /** Everything that was received. */
  get received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  /** Waits until the connection is closed. */
  async closed(): Promise<Buffer> {
    if (!this.isClosed) await new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
    return this.received;
  }

  /** Settles when the bytes are with the system. */
  send(bytes: Buffer | string): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** Waits until what was received answers the question, or the connection is closed. */
  async until(answer: (received: string) => boolean): Promise<string> {
    while (!this.isClosed && !answer(this.received.toString('latin1'))) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.received.toString('latin1');
  }

  /** Waits for as many whole responses with a Content-Length or chunks as given. */
  async responses(count: number): Promise<string[]> {
    const parse = (text: string) => splitResponses(text);
    await this.until((text) => parse(text).length >= count);
    return parse(this.received.toString('latin1'));
  }

  reset(): void {
    this.#transport.resetAndDestroy();
    this.socket.destroy();
  }
}

/** The bodies of the whole responses in a text. */
function splitResponses(text: string): string[] {
  const bodies: string[] = [];
  let rest = text;
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd === -1) return bodies;
    const head = rest.slice(0, headEnd).toLowerCase();
    const length = /content-length: (\d+)/.exec(head)?.[1];
    const body = rest.slice(headEnd + 4);
    if (length !== undefined) {
      if (body.length < Number(length)) return bodies;
      bodies.push(body.slice(0, Number(length)));
      rest = body.slice(Number(length));
    } else {
      const end = body.indexOf('0\r\n\r\n');
      if (end === -1) return bodies;
      bodies.push(joinChunks(body.slice(0, end)));
      rest = body.slice(end + 5);
    }
  }
}

function joinChunks(text: string): string {
  let joined = '';
  let rest = text;
  while (rest !== '') {
    const lineEnd = rest.indexOf('\r\n');
    const size = Number.parseInt(rest, 16);
    joined += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    rest = rest.slice(lineEnd + 2 + size + 2);
  }
  return joined;
}

/** The head of a POST of text; its body is sent by the test. */
export function postHead(contentLength: number, headers = 'Content-Type: text/plain'): string {
  return `POST / HTTP/1.1\r\nHost: test\r\n${headers}\r\nContent-Length: ${contentLength}\r\n\r\n`;
}
