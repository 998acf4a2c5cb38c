import { once } from 'node:events';
import { type Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

interface Slow {
  length: number;
  done: Promise<unknown>;
}

/** Each takes a chunk and then some turns of the event loop. */
export const slowOnes: [string, (req: Readable) => Slow][] = [
  [
    'pipe',
    (req) => {
      const write = (chunk: Buffer, _encoding: string, callback: () => void) => {
        slow.length += chunk.length;
        void rest().then(callback);
      };
      const slow: Slow = { length: 0, done: finished(req.pipe(new Writable({ write }))) };
      return slow;
    },
  ],
  [
    'listener that pauses',
    (req) => {
      const slow: Slow = { length: 0, done: once(req, 'end') };
      req.on('data', (chunk: Buffer) => {
        slow.length += chunk.length;
        req.pause();
        void rest().then(() => req.resume());
      });
      return slow;
    },
  ],
];

/** Some turns of the event loop. */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}
