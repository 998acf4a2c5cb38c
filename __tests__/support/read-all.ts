import type { PipeReader } from 'pipebody';

/** The rest of a body by the plainest loop there is. */
export async function readAll(reader: PipeReader): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (;;) {
    const { buffer, isCompleted } = await reader.read();
    pieces.push(Buffer.from(buffer.toBuffer()));
    reader.advanceTo(buffer.end);
    if (isCompleted) return Buffer.concat(pieces);
  }
}
