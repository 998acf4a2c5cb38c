/** What stands before a property of node:http, and that property. */
const natives = new WeakMap<object, PropertyDescriptor>();

/** A method or accessor as the prototypes of an object have it, to build on; not what we put before it. */
export function nativeProperty(target: object | null, name: PropertyKey): PropertyDescriptor {
  if (target === null) return {};
  const own = Object.getOwnPropertyDescriptor(target, name);
  if (own === undefined) return nativeProperty(Object.getPrototypeOf(target), name);
  return natives.get(own.get ?? own.value) ?? own;
}

/** Puts a property before a native one. */
export function putBefore(
  target: object,
  name: PropertyKey,
  property: PropertyDescriptor,
  native: PropertyDescriptor,
): void {
  natives.set(property.get ?? property.value, native);
  Object.defineProperty(target, name, { ...property, configurable: true, enumerable: false });
}
