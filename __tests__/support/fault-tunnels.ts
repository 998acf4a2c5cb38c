import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PipeRequest } from 'pipebody';

/** Answers requests for another protocol and for a tunnel, and gives back what comes through them. */
export function echoTunnels(server: Server): void {
  server.on('upgrade', (request, socket, head) => {
    void echo(request, socket, {
      head,
      answer: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo',
    });
  });
  server.on('connect', (request, socket, head) => {
    void echo(request, socket, { head, answer: 'HTTP/1.1 200 Connection Established' });
  });
}

async function echo(
  request: IncomingMessage,
  socket: Duplex,
  { head, answer }: { head: Buffer; answer: string },
): Promise<void> {
  socket.on('error', () => {});
  socket.write(`${answer}\r\nX-Bytes: ${await bytesOf(request)}\r\n\r\n`);
  socket.write(head);
  socket.pipe(socket);
}

/** A listener that looks at the body, as logging or authentication does; it has none. */
async function bytesOf(request: IncomingMessage): Promise<number> {
  if (!('bodyReader' in request)) return 0;
  let total = 0;
  for await (const chunk of (request as PipeRequest).bodyReader) total += chunk.length;
  return total;
}
