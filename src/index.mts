import pipebody from './index.js';

// `import` comes here. Node gives it the exports of a CommonJS module as the default one, and this package has its own.

export * from './index.js';
/** The parsers under the name that programs know them by: `import bodyParser from 'pipebody'`. */
export default pipebody.default;
