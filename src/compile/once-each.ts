/**
 * Makes what depends on an object alone once for each object. The objects are never changed, and what
 * nobody holds any more is forgotten: where one of 2,000 resources is another, one entry is made.
 */
export function onceEach<Key extends object, Value>(
  make: (key: Key) => Value,
): (key: Key) => Value {
  const known = new WeakMap<Key, { value: Value }>();
  return (key) => {
    const found = known.get(key) ?? { value: make(key) };
    known.set(key, found);
    return found.value;
  };
}
