import { json } from './json';
import { raw } from './raw';
import { text } from './text';
import { urlencoded } from './urlencoded';

/** The parsers under the name that programs know them by: `import bodyParser from 'pipebody'`. */
export const bodyParser = { json, raw, text, urlencoded };
