import { connect, type Socket } from 'node:net';
import { answerParent } from '../runner/child';

// The process of clients that all upload at the same time, as fast as the server takes it.

interface UploadOrder {
  readonly port: number;
  readonly byteCount: number;
  readonly connections: number;
}

const chunk = Buffer.alloc(65_536, 'x');

answerParent({
  /** Settles when all of them have begun. */
  async begin({ port, byteCount, connections }: UploadOrder): Promise<void> {
    const uploads = Array.from({ length: connections }, () => beginUpload(port, byteCount));
    await Promise.all(uploads);
  },
});

function beginUpload(port: number, byteCount: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.write(`POST / HTTP/1.1\r\nHost: bench\r\nContent-Length: ${byteCount}\r\n\r\n`, () => resolve());
      let left = byteCount;
      const writeOn = () => {
        left = writeUntilFull(socket, left);
      };
      socket.on('drain', writeOn);
      writeOn();
    });
  });
}

/** The bytes that are left to be sent. */
function writeUntilFull(socket: Socket, byteCount: number): number {
  for (let left = byteCount; left > 0; ) {
    const piece = left < chunk.length ? chunk.subarray(0, left) : chunk;
    left -= piece.length;
    if (!socket.write(piece)) return left;
  }
  return 0;
}
