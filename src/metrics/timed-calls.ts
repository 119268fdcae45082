/** `error`: what the call rejected with; null if it succeeded. */
export type OnCall = (call: string, tookMs: number, error: unknown) => void

/**
 * Wraps a port and times each call that returns a promise. Calls are counted by the port's method names: there are few,
 * and none contains an id.
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
