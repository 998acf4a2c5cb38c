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

/** `res.writeAsync()` */
export async function writeAsync(
  body: ResponseBody,
  data: Uint8Array | string,
  options?: WriteOptions,
): Promise<FlushResult> {
  const { head, start, swapped } = body;
  if (start.isInCallback) throw responseStarting();
  start.begin();
  // Without a swap the writer does it, once it knows the bytes to be as many as declared.
  if (swapped.top !== undefined) head.commit();
  await start.whenDone();
  return body.writer.write(data, options);
}

/** `res.completeAsync()`: settles when the response was handed to the system, or when the client is gone. */
export async function completeAsync(body: ResponseBody): Promise<void> {
  if (body.start.isInCallback) throw responseStarting();
  body.start.begin();
  await body.start.whenDone();
  body.end();
  await whenOver(body.response);
}
