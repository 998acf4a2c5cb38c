/** An element with properties and children; text is never taken for HTML. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export const bySelector = (selector) => document.querySelector(selector);
