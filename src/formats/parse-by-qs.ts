import type qs from 'qs';
import { parseFailed, tooDeep } from './errors';
import type { FormValues } from './form-values';

/** What qs is told of a form; see UrlencodedSettings. */
interface QsSettings {
  readonly extended: boolean;
  readonly parameterLimit: number;
  readonly depth: number;
  readonly charsetSentinel: boolean;
  readonly interpretNumericEntities: boolean;
}

let loaded: typeof qs | undefined;

/** A form as qs reads it, with body-parser's options for it. `count` is the number of its parameters. */
export function parseByQs(
  text: string,
  settings: QsSettings,
  { charset, count }: { charset: string; count: number },
): FormValues {
  // It brings 26 packages.
  loaded ??= require('qs') as typeof qs;
  try {
    const values = loaded.parse(text, {
      allowPrototypes: true,
      arrayLimit: settings.extended ? Math.max(100, count) : count,
      charset: charset as 'utf-8' | 'iso-8859-1',
      charsetSentinel: settings.charsetSentinel,
      depth: settings.extended ? settings.depth : 0,
      interpretNumericEntities: settings.interpretNumericEntities,
      parameterLimit: settings.parameterLimit,
      strictDepth: true,
    });
    return withoutPrototypes(values);
  } catch (error) {
    throw (error as Error).name === 'RangeError' ? tooDeep(settings.depth, text) : parseFailed(error as Error, text);
  }
}

/** Afterwards: with its own option for it qs takes a quarter longer. */
function withoutPrototypes(values: FormValues): FormValues {
  const rest: object[] = [values];
  for (let value = rest.pop(); value !== undefined; value = rest.pop()) {
    if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
    for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) rest.push(inner);
  }
  return values;
}
