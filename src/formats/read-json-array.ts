import { checkSize } from '../pipelines/pipe-options';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { WaitOptions } from '../pipelines/results';
import { BatchIterator } from './batch-iterator';
import { JsonArraySource } from './json-array-source';

/** Options of {@link readJsonArray}. */
export interface ReadJsonArrayOptions extends WaitOptions {
  /**
   * Bytes of an element at most, with the white space around it; a longer one is a 413, `element.too.long`. Default
   * 1,048,576 (1 MiB).
   */
  maxElementLength?: number;
  /** How deep an element may be nested: `[]` is 1. A deeper one is a 400, `element.too.deep`. Default 1,000. */
  maxDepth?: number;
}

export const defaultMaxElementLength = 1_048_576;

/** Deeper than any data, and less than a program that goes through it by recursion can bear. */
export const defaultMaxDepth = 1_000;

/**
 * The elements of a JSON text that is an array, one at a time and with no more in memory than a few of them.
 *
 * Takes and refuses what `JSON.parse` takes and refuses, a byte order mark in front aside. An element that is no JSON is
 * a 400, `entity.parse.failed`, with its number (`element`, from 1 on) and where it begins (`offset`, in bytes); those
 * before it are handed out first. So are all of an array that other bytes follow, or that is cut off.
 *
 * Leaving the loop, by an error too, leaves the reader at the first element that was not handed out.
 */
export function readJsonArray<Value = unknown>(
  reader: PipeReader,
  options: ReadJsonArrayOptions = {},
): AsyncIterableIterator<Value> {
  const { maxElementLength = defaultMaxElementLength, maxDepth = defaultMaxDepth, signal } = options;
  checkSize('maxElementLength', maxElementLength, 0);
  checkSize('maxDepth', maxDepth, 0);
  const source = new JsonArraySource(reader, { maxElementLength, maxDepth, ...(signal && { signal }) });
  return new BatchIterator(source) as AsyncIterableIterator<unknown> as AsyncIterableIterator<Value>;
}
