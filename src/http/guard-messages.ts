import { hasMembers } from './has-members';
import type { MemberSet } from './member-set';
import { nativeProperty, putBefore } from './native-property';

/** Bases that are guarded already. */
const guarded = new WeakSet<object>();

/**
 * An Express application that is called as a function, by vhost say, and not mounted, gives every request and response a
 * prototype of its own, without our members. What was held, parsed or swapped in must not be left behind: what all
 * applications inherit from leads to the members for messages that have a body by then, and for no others.
 */
export function guardMessages(prototype: object, members: PropertyDescriptorMap, { kept, slot }: MemberSet): void {
  const base = Object.getPrototypeOf(prototype) as object | null;
  if (base === null || isNodesOwn(base) || guarded.has(base)) return;
  guarded.add(base);
  const isLost = (message: object) => (message as Message)[slot] !== undefined && !hasMembers(message);
  for (const name of kept) {
    const native = nativeProperty(base, name);
    const member = members[name as string] as PropertyDescriptor;
    const guard = { member, native, isLost };
    const property = typeof native.value === 'function' ? guardMethod(guard) : guardAccessor(name, guard);
    putBefore(base, name, property, native);
  }
}

type Message = Record<symbol, unknown>;

interface Guard {
  readonly member: PropertyDescriptor;
  readonly native: PropertyDescriptor;
  /** Whether a message has a body that its prototype does not lead to any more. */
  readonly isLost: (message: object) => boolean;
}

/** node:http's own prototypes are left alone. */
function isNodesOwn(base: object): boolean {
  return Object.hasOwn(base, 'constructor');
}

function guardMethod({ member, native, isLost }: Guard): PropertyDescriptor {
  return {
    writable: true,
    value(this: object, ...values: unknown[]): unknown {
      return (isLost(this) ? member : native).value.apply(this, values);
    },
  };
}

function guardAccessor(name: PropertyKey, { member, native, isLost }: Guard): PropertyDescriptor {
  return {
    get(this: object): unknown {
      const property = isLost(this) ? member : native;
      return property.get === undefined ? property.value : property.get.call(this);
    },
    set(this: object, value: unknown): void {
      const { set } = isLost(this) ? member : native;
      if (set !== undefined) set.call(this, value);
      // As if nothing stood here.
      else Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true });
    },
  };
}
