import type { FlushResult, WriteOptions } from '../pipelines/results';
import { responseStarting } from './errors';
import type { ResponseBody } from './response-body';
import { whenOver } from './when-over';

/** `res.startAsync()` */
export async function startAsync({ head, start }: ResponseBody): Promise<void> {
  if (start.isInCallback) throw responseStarting();
  head.begin();
  await start.whenDone();
}

/** `res.writeAsync()`: the writer begins the start, and waits for it; its bytes have their place within this call. */
export async function writeAsync(
  body: ResponseBody,
  data: Uint8Array | string,
  options?: WriteOptions,
): Promise<FlushResult> {
  const { start } = body;
  if (start.isInCallback) throw responseStarting();
  if (start.hasFailed) throw start.error;
  const written = body.writer.write(data, options);
  if (!body.swapped.isAssigned) return written;
  // Its bytes may come to the response much later, or never where a callback fails: that is the error that is told.
  written.catch(() => {});
  await startAsync(body);
  return written;
}

/** `res.completeAsync()`: settles when the response was handed to the system, or when the client is gone. */
export async function completeAsync(body: ResponseBody): Promise<void> {
  if (body.start.isInCallback) throw responseStarting();
  body.end();
  await body.start.whenDone();
  await whenOver(body.response);
}
