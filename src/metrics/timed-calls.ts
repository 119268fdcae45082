/** `error` is what it rejected with, null where it did not. */
export type OnCall = (call: string, tookMs: number, error: unknown) => void

/**
 * The same port, and each call of it that gives a promise is timed. The names of a port's methods are few and never
 * hold an id: they are what calls are counted by.
 */
export function timedCalls<Port extends object>(port: Port, onCall: OnCall): Port {
  return new Proxy(port, {
    get(_, name) {
      const value: unknown = Reflect.get(port, name)
      if (typeof value !== 'function' || typeof name !== 'string') return value
      return (...args: unknown[]) => {
        const startedAt = performance.now()
        const result: unknown = Reflect.apply(value, port, args)
        if (!(result instanceof Promise)) return result
        const done = (error: unknown) => onCall(name, performance.now() - startedAt, error)
        result.then(() => done(null), done)
        return result
      }
    },
  })
}
