import { buildSync } from 'esbuild';
import type { StandardSchema } from 'pipebody';

type ArkType = (definition: object) => StandardSchema;

/** `type` of arktype, an ES module, which jest does not load from CommonJS: bundled into what it does. */
export function loadArktype(): ArkType {
  const stdin = { contents: "export { type } from 'arktype'", resolveDir: __dirname };
  const { outputFiles } = buildSync({ stdin, bundle: true, format: 'cjs', platform: 'node', write: false });
  const loaded = { exports: {} as { type: ArkType } };
  new Function('module', 'exports', outputFiles[0]?.text ?? '')(loaded, loaded.exports);
  return loaded.exports.type;
}
