import { checkSize } from '../pipelines/check-size';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { WaitOptions } from '../pipelines/results';
import { BatchIterator } from './batch-iterator';
import { JsonArraySource } from './json-array-source';
import { checkProtoPoisoning, type ProtoPoisoning } from './proto-poisoning';
import { checkSchema, type StandardSchema } from './standard-schema';

/** Options of {@link readJsonArray}. */
export interface ReadJsonArrayOptions<Value = unknown> extends WaitOptions {
  /**
   * Bytes of an element at most, with the white space around it; a longer one is a 413, `element.too.long`. Default
   * 1,048,576 (1 MiB).
   */
  maxElementLength?: number;
  /** How deep an element may be nested: `[]` is 1. A deeper one is a 400, `element.too.deep`. Default 1,000. */
  maxDepth?: number;
  /**
   * Checks and transforms each element; one that does not match is a 422, `entity.schema.failed`, with `issues`,
   * `element` and `offset`.
   */
  schema?: StandardSchema<Value>;
  /**
   * What happens to a key `__proto__`, and to `constructor` over an object with `prototype`: `'error'` is a 400, `'remove'`
   * drops the key, `'ignore'` (default) keeps it, as `JSON.parse`.
   */
  onProtoPoisoning?: ProtoPoisoning;
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
  options: ReadJsonArrayOptions<Value> = {},
): AsyncIterableIterator<Value> {
  const {
    maxElementLength = defaultMaxElementLength,
    maxDepth = defaultMaxDepth,
    onProtoPoisoning = 'ignore',
  } = options;
  checkSize('maxElementLength', maxElementLength, 0);
  checkSize('maxDepth', maxDepth, 0);
  checkSchema(options.schema);
  checkProtoPoisoning(onProtoPoisoning);
  const source = new JsonArraySource(reader, { ...options, maxElementLength, maxDepth, onProtoPoisoning });
  return new BatchIterator(source) as AsyncIterableIterator<unknown> as AsyncIterableIterator<Value>;
}
