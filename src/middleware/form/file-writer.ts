import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { storageFull } from './errors';
import { readSegments } from './read-segments';

const ownerOnly = 0o600;

/** Writes bytes to a new file, which only its owner may read. Nothing of it is left when that fails. */
export async function writeNewFile(path: string, first: readonly Buffer[], reader: PipeReader): Promise<void> {
  const handle = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, ownerOnly);
  try {
    if (first.length > 0) await writeAll(handle, first);
    await readSegments(reader, (segments) => writeAll(handle, segments));
    await handle.close();
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(path, { force: true });
    throw isFull(error) ? storageFull(error) : error;
  }
}

async function writeAll(handle: FileHandle, segments: readonly Buffer[]): Promise<void> {
  const byteCount = segments.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await handle.writev(segments as Buffer[]);
  // A disk that is nearly full takes a part; the next write says why.
  if (bytesWritten < byteCount) await handle.write(Buffer.concat(segments).subarray(bytesWritten));
}

function isFull(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ENOSPC' || code === 'EDQUOT';
}
