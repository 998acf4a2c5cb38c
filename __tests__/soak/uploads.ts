import { Random } from '../fuzz/random';
import { post, vanish } from '../support/fault-client';
import type { FaultServer } from '../support/fault-server';
import { RawClient } from '../support/raw-client';

/** What many uploads have come to. */
export interface UploadsResult {
  readonly uploads: number;
  /** Answers by their status. */
  readonly answers: Record<number, number>;
  /** Uploads whose clients went away. */
  readonly aborted: number;
  readonly cpuMsOfUpload: number;
  readonly heapGrowthBytes: number;
  readonly residentGrowthBytes: number;
  readonly leftovers: object;
  /** The most that a connection had after its first upload, and after its last. */
  readonly listeners: readonly [first: number, last: number];
}

const clients = 8;
const uploadsOfConnection = 50;
const settleMs = 10_000;

const multipart = 'Content-Type: multipart/form-data; boundary=b';
const file = (name: string, bytes: number) =>
  `--b\r\nContent-Disposition: form-data; name=${name}; filename=${name}.txt\r\n\r\n${'x'.repeat(bytes)}\r\n`;
const end = '--b--\r\n';
const upload = (path: string, ...parts: string[]) => post(path, multipart, `${parts.join('')}${end}`);

/** In memory, on the disk, several, refused by a limit and by a filter that takes its time. */
const seeds: readonly Buffer[] = [
  upload('/form', file('a', 100)),
  upload('/form', file('a', 200_000)),
  upload('/form', file('a', 100), file('b', 100_000), file('c', 0)),
  upload('/form/on-disk', file('a', 1), file('b', 1)),
  upload('/form', file('a', 70_000), file('b', 1).repeat(100)),
  upload('/form/filter/rejects', file('a', 1_000), file('b', 1_000)),
  upload('/form/filter/rejects-late', file('a', 1_000), file('b', 1_000)),
  upload('/form/filtered', file('a', 150_000)),
];

/** Clients that go away at any byte, also while a filter is asked that never answers. */
const vanishing = [...seeds, upload('/form/filter/never-answers', file('a', 1_000), file('b', 1_000))];

/** Sends so many uploads, of which one in five is cut off, over connections that serve many, and looks at what is left. */
export async function soakUploads(server: FaultServer, count: number, seed: number): Promise<UploadsResult> {
  const random = new Random(seed);
  let answers: Record<number, number> = {};
  const listeners: [number, number] = [0, 0];
  let aborted = 0;
  let started = 0;

  // An application is asked one question at a time.
  const countListeners = async (sent: number) => {
    if (sent > 1 && sent < uploadsOfConnection) return;
    const at = sent === 1 ? 0 : 1;
    listeners[at] = Math.max(listeners[at], (await server.report()).socketListeners);
  };
  const sendOver = async (client: RawClient, most: number, isWatched: boolean) => {
    for (let sent = 1; sent <= uploadsOfConnection && started < most; sent++) {
      started += 1;
      await client.send(random.oneOf(seeds));
      await client.responses(sent);
      if (isWatched) await countListeners(sent);
      if (random.below(4) > 0) continue;
      const bytes = random.oneOf(vanishing);
      started += 1;
      aborted += 1;
      await vanish(server.port, bytes.subarray(0, random.below(bytes.length)), random.oneOf(['reset', 'end']));
    }
    for (const [, status] of String(client.received).matchAll(/HTTP\/1\.1 (\d+) /g)) {
      answers[Number(status)] = (answers[Number(status)] ?? 0) + 1;
    }
  };
  const sendUpTo = (most: number) =>
    Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        while (started < most) {
          const client = await RawClient.connect(server.port);
          await sendOver(client, most, index === 0);
          client.socket.destroy();
        }
      }),
    );

  // The first ones load and compile what the heap keeps.
  await sendUpTo(500);
  await server.leftovers(settleMs);
  const { heapBytes } = await server.report('collect');
  const { residentBytes } = server;
  await server.report('mark');
  started = 0;
  aborted = 0;
  answers = {};
  await sendUpTo(count);

  const { cpuMs } = await server.report();
  const leftovers = await server.leftovers(settleMs);
  const after = await server.report('collect');
  return {
    uploads: started,
    answers,
    aborted,
    listeners,
    leftovers,
    cpuMsOfUpload: cpuMs / started,
    heapGrowthBytes: after.heapBytes - heapBytes,
    residentGrowthBytes: server.residentBytes - residentBytes,
  };
}
