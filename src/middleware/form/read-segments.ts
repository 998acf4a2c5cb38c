import type { PipeReader } from '../../pipelines/pipe-reader';

/** Gives all bytes of a reader, as many at once as are there. They are good until `use` settles. */
export async function readSegments(
  reader: PipeReader,
  use: (segments: Buffer[]) => Promise<void> | void,
): Promise<void> {
  for (;;) {
    const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read());
    try {
      if (!buffer.isEmpty) await use([...buffer]);
    } finally {
      reader.advanceTo(buffer.end);
    }
    if (isCompleted) return;
  }
}
