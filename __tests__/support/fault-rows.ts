import { byteByByte, type Reply, request } from './fault-client';
import { type FaultServer, nothingLeft } from './fault-server';

/** One attack: what is sent, and what may come back. */
export interface FaultRow {
  readonly fault: string;
  readonly bytes: Buffer;
  readonly answers: readonly number[];
  /** What the body of the answer must say. */
  readonly says?: RegExp;
}

/** Bytes up to which a request is also sent with every byte apart. */
const bytesApart = 1_000;

/** Sends a request whole, and, where it is short, byte by byte: the answer must be the same, and nothing may be left. */
export async function survives(server: FaultServer, { bytes, answers, says }: FaultRow): Promise<void> {
  const reply = await request(server.port, [bytes]);

  expect(answers).toContain(reply.status);
  if (says !== undefined) expect(reply.body).toMatch(says);
  if (bytes.length <= bytesApart)
    expect(answerOf(await request(server.port, byteByByte(bytes)))).toEqual(answerOf(reply));
  expect(await server.leftovers()).toEqual(nothingLeft);
}

const answerOf = ({ status, body }: Reply) => ({ status, body });

/** The least CPU time that a request takes in three turns: what a busy machine adds is not the request's. */
export async function cpuMsOf(server: FaultServer, bytes: Buffer): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 3; turn++) {
    await server.report('mark');
    await request(server.port, [bytes]);
    least = Math.min(least, (await server.report()).cpuMs);
  }
  return least;
}

/** The CPU time of the longest turn of the event loop that a request brings about; the least of three, as above. */
export async function longestTurnMsOf(server: FaultServer, bytes: Buffer): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 3; turn++) {
    await server.report('watch turns');
    await request(server.address, [bytes]);
    least = Math.min(least, (await server.report()).longestTurnMs);
  }
  return least;
}
