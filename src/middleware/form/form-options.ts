import type { IncomingMessage } from 'node:http';
import { checkLimit } from '../../formats/check-limit';
import {
  type DecodingOptions,
  type DecodingSettings,
  resolveDecodingOptions,
} from '../../formats/decoding/decoding-options';
import { DiskStorage } from './disk-storage';
import { EngineStorage } from './engine-storage';
import { noFormOptions } from './errors';
import { MemoryStorage } from './memory-storage';
import { SpoolStorage } from './spool-storage';
import type { FileStorage, IncomingFile, StorageEngine } from './storage';

/** Limits of {@link form}, with multer's names. Each is finite unless said otherwise, and may be `Infinity`. */
export interface FormLimits {
  /** Parts, fields and files together. Default 1,000. */
  parts?: number | undefined;
  /** Fields. Default 1,000. */
  fields?: number | undefined;
  /** Files. Default 100. */
  files?: number | undefined;
  /** Bytes of a field's name. Default 2,048 (2 KiB). */
  fieldNameSize?: number | undefined;
  /** Bytes of a field's value. Default 1,048,576 (1 MiB). */
  fieldSize?: number | undefined;
  /** Bytes of a file. Default 104,857,600 (100 MiB). */
  fileSize?: number | undefined;
  /** Bytes of the whole body. Default 134,217,728 (128 MiB). */
  totalSize?: number | undefined;
  /** Headers of a part. Default 16. */
  headerPairs?: number | undefined;
  /** Brackets in the name of a field. Default 32. */
  fieldNestingDepth?: number | undefined;
  /** Index in the name of a field. Default 1,000. */
  fieldArrayIndexLimit?: number | undefined;
}

/**
 * As multer's: `callback(null, true)` takes the file, `callback(null, false)` leaves it out. A method's type, so that it
 * may ask for Express's Request.
 */
export type FileFilter = {
  filter(request: IncomingMessage, file: IncomingFile, callback: (error: unknown, isAccepted?: boolean) => void): void;
}['filter'];

/** Limits for one request. */
export type LimitsChoice = { choose(request: IncomingMessage): FormLimits }['choose'];

/** Options of {@link form}, as multer's and more. */
export interface FormOptions extends DecodingOptions {
  /** A folder where files are kept, made when it is not there. Those of a request that failed are removed. */
  dest?: string | undefined;
  /** Where files go instead: `memoryStorage()`, `diskStorage()`, or a storage engine written for multer. */
  storage?: StorageEngine | MemoryStorage | DiskStorage | undefined;
  /** Says of each file, before its bytes are read, whether it is taken. Its error refuses the request. */
  fileFilter?: FileFilter | undefined;
  /** Limits, or a function of the request that gives them. */
  limits?: FormLimits | LimitsChoice | undefined;
  /** Keep the path that the client gave in `originalname`. Default false. */
  preservePath?: boolean | undefined;
  /** Bytes of a file that stay in memory, without `dest` and `storage`. Default 65,536 (64 KiB). */
  memoryThreshold?: number | undefined;
  /** The folder of files above it. Default the system's. */
  tempDir?: string | undefined;
  /** Give each file its `sha256` in hexadecimal digits. Default false. */
  sha256?: boolean | undefined;
  /** Told the bytes received so far, and how many the client announced, if it did. */
  onProgress?(received: number, expected: number | undefined, request: IncomingMessage): void;
}

/** Each of them. */
export type EveryLimit = Record<keyof FormLimits, number>;

export const defaultFormLimits: EveryLimit = {
  parts: 1_000,
  fields: 1_000,
  files: 100,
  fieldNameSize: 2_048,
  fieldSize: 1_048_576,
  fileSize: 104_857_600,
  totalSize: 134_217_728,
  headerPairs: 16,
  fieldNestingDepth: 32,
  fieldArrayIndexLimit: 1_000,
};

const defaultMemoryThreshold = 65_536;

/** Options with every default filled in. */
export interface FormSettings {
  readonly limitsOf: (request: IncomingMessage) => EveryLimit;
  /** How content codings are decoded; the limit is `totalSize`. */
  readonly decoding: Omit<DecodingSettings, 'limit'>;
  readonly storage: FileStorage;
  readonly fileFilter: FileFilter | undefined;
  readonly preservePath: boolean;
  readonly sha256: boolean;
  readonly onProgress: FormOptions['onProgress'];
}

/** Refuses bad options with a `TypeError` or `RangeError`, when the middleware is made. */
export function resolveFormOptions(options: FormOptions): FormSettings {
  if (typeof options !== 'object' || options === null) throw noFormOptions();
  const { limits, preservePath = false, sha256 = false } = options;
  const fixed = typeof limits === 'function' ? undefined : resolveLimits(limits);
  return {
    limitsOf: (request) => fixed ?? resolveLimits((limits as LimitsChoice)(request)),
    decoding: resolveDecodingOptions(options, 0),
    storage: storageOf(options),
    fileFilter: checkType('fileFilter', options.fileFilter, 'function'),
    preservePath,
    sha256,
    onProgress: checkType('onProgress', options.onProgress, 'function'),
  };
}

function resolveLimits(limits: FormLimits | undefined): EveryLimit {
  // A promise has no limits of its own: the defaults would stand in for those that somebody meant to set.
  if (checkType('limits', limits, 'object') instanceof Promise) throw new TypeError('"limits" must not be async.');
  const settings = { ...defaultFormLimits };
  for (const name of Object.keys(settings) as (keyof FormLimits)[]) {
    settings[name] = checkLimit(`limits.${name}`, limits?.[name] ?? settings[name]);
  }
  return settings;
}

function storageOf(options: FormOptions): FileStorage {
  const { storage, memoryThreshold = defaultMemoryThreshold } = options;
  const dest = checkType('dest', options.dest, 'string');
  const tempDir = checkType('tempDir', options.tempDir, 'string');
  if (storage instanceof MemoryStorage || storage instanceof DiskStorage) return storage;
  if (storage !== undefined) return new EngineStorage(storage);
  if (dest !== undefined) return new DiskStorage({ destination: dest });
  return new SpoolStorage(checkLimit('memoryThreshold', memoryThreshold), tempDir);
}

/** As in multer, null is no option. */
function checkType<Option>(name: string, option: Option, type: 'string' | 'function' | 'object'): Option | undefined {
  if (option === undefined || option === null) return undefined;
  if (typeof option === type) return option;
  throw new TypeError(`"${name}" must be of type ${type}; it is ${JSON.stringify(option) ?? String(option)}.`);
}
