import { checkLimit } from './check-limit';

/** Limits of a {@link MultipartReader}, of which each may be `Infinity`. Each number passes, one more is a 413. */
export interface MultipartOptions {
  /** Bytes of the whole body at most; `entity.too.large`. Default 134,217,728 (128 MiB). */
  limit?: number;
  /** Sections at most; `multipart.sections.too.many`. Default 1,000. */
  sectionCountLimit?: number;
  /** Headers of a section at most; `multipart.headers.too.many`. Default 16, as in ASP.NET. */
  headersCountLimit?: number;
  /** Bytes of a section's headers at most; `multipart.headers.too.large`. Default 16,384 (16 KiB), as in ASP.NET. */
  headersLengthLimit?: number;
  /** Bytes of a section's content at most; `multipart.section.too.large`. Default 134,217,728 (128 MiB), as in ASP.NET. */
  bodyLengthLimit?: number;
}

export const defaultMultipartOptions: Required<MultipartOptions> = {
  limit: 134_217_728,
  sectionCountLimit: 1_000,
  headersCountLimit: 16,
  headersLengthLimit: 16_384,
  bodyLengthLimit: 134_217_728,
};

/** Refuses what is no limit with a `RangeError`. */
export function resolveMultipartOptions(options: MultipartOptions): Required<MultipartOptions> {
  const settings = { ...defaultMultipartOptions };
  for (const name of Object.keys(settings) as (keyof MultipartOptions)[]) {
    settings[name] = checkLimit(name, options[name] ?? settings[name]);
  }
  return settings;
}
