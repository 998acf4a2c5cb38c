/** Modules of Node that take time, and that Node has not loaded by itself before a program starts. */
const lateModules = ['node:crypto', 'node:fs/promises', 'node:http', 'node:os', 'node:perf_hooks', 'node:stream/web'];

const lazily = `
/** Loads a module when something of it is first used. */
const lazily = (load) => {
    let loaded;
    return () => (loaded ??= load());
};`;

/**
 * Makes each dependency, and each module of Node that takes time, one that is loaded when something of it is first used:
 * `const vary_1 = require("vary")` becomes a function, and `vary_1` a call of it. TypeScript made those names up, and
 * gives them to nothing else.
 */
export function lazyModules(commonJs: string): string {
  const declared = /^const (\w+_\d+) = (.*\brequire\("([^".][^"]*)"\).*);$/gm;
  const late = [...commonJs.matchAll(declared)].filter(([, , , module]) => isLate(module as string));
  if (late.length === 0) return commonJs;
  const declarations = new Map(late.map(([line, name, load]) => [line, `const ${name} = lazily(() => ${load});`]));
  const names = `\\b(?:${late.map(([, name]) => name).join('|')})\\b`;
  return (
    commonJs
      .replace(declared, (line) => declarations.get(line) ?? line)
      // Without the parentheses it would be the function that is constructed.
      .replace(new RegExp(`\\bnew (${names})((?:\\.\\w+)+)`, 'g'), 'new ($1()$2)')
      .replace(new RegExp(`${names}(?! = lazily|\\(\\))`, 'g'), '$&()')
      .replace(/^Object.defineProperty\(exports, "__esModule".*$/m, `$&${lazily}`)
  );
}

function isLate(module: string): boolean {
  return !module.startsWith('node:') || lateModules.includes(module);
}
