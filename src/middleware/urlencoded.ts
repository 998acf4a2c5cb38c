import { parseUrlencoded, type UrlencodedSettings } from '../formats/parse-urlencoded';
import { noDepth, noFormCharset, noParameterLimit } from './errors';
import type { Handler } from './handler';
import { parseWholeBody, resolveWholeBodyOptions, type WholeBodyOptions } from './parse-whole-body';

/** Options of {@link urlencoded}, as body-parser's. */
export interface UrlencodedOptions extends WholeBodyOptions {
  /** Whether brackets in names make objects and arrays, as with qs. Default false. */
  extended?: boolean | undefined;
  /** Parameters at most; more is a 413, `parameters.too.many`. Default 1,000. */
  parameterLimit?: number | undefined;
  /** How deep brackets may be nested; more is a 400, `querystring.parse.rangeError`. Default 32. */
  depth?: number | undefined;
  /** The charset of a body that names none: `utf-8` or `iso-8859-1`. Default `'utf-8'`. */
  defaultCharset?: string | undefined;
  /** Whether a parameter `utf8=✓`, as Rails sends it, says which charset the form is in. Default false. */
  charsetSentinel?: boolean | undefined;
  /** Whether `&#9786;` in a form in ISO-8859-1 is a character. Default false. */
  interpretNumericEntities?: boolean | undefined;
}

/** Parses urlencoded forms into `req.body`, an object without a prototype; else as `express.urlencoded()`. */
export function urlencoded(given?: UrlencodedOptions): Handler {
  const options = given ?? {};
  const form = resolveForm(options);
  const defaultCharset = options.defaultCharset || 'utf-8';
  if (!isFormCharset(defaultCharset)) throw noFormCharset();
  const settings = resolveWholeBodyOptions(options, {
    name: 'urlencoded',
    type: 'application/x-www-form-urlencoded',
    charsets: { defaultCharset, isSupported: isFormCharset },
  });
  const parse = (bytes: Buffer, charset: string) => parseUrlencoded(bytes, form, charset);
  return function urlencodedParser(request, response, next) {
    parseWholeBody({ request, response, next }, settings, parse);
  };
}

function resolveForm(options: UrlencodedOptions): UrlencodedSettings {
  const { parameterLimit = 1_000, depth = 32 } = options;
  const extended = Boolean(options.extended);
  if (!(parameterLimit >= 1)) throw noParameterLimit();
  if (extended && !(depth >= 0)) throw noDepth();
  return {
    extended,
    parameterLimit: Number.isFinite(parameterLimit) ? Math.floor(parameterLimit) : parameterLimit,
    depth,
    charsetSentinel: options.charsetSentinel === true,
    interpretNumericEntities: options.interpretNumericEntities === true,
  };
}

function isFormCharset(charset: string): boolean {
  return charset === 'utf-8' || charset === 'iso-8859-1';
}
