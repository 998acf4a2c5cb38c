import { codingTargets } from './targets/coding-targets';
import { formTargets } from './targets/form-targets';
import type { FuzzTarget } from './targets/fuzz-target';
import { headerTargets } from './targets/header-targets';
import { jsonTargets } from './targets/json-targets';
import { textTargets } from './targets/text-targets';

/** Every parser there is. A new one is an entry in a file of its kind. */
export const targets: Readonly<Record<string, FuzzTarget>> = {
  ...jsonTargets,
  ...textTargets,
  ...formTargets,
  ...codingTargets,
  ...headerTargets,
};
