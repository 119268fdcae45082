/**
 * Node's HTTP client. An `import` of node:http would give its other exports too, and so load WebSocket and fetch with
 * them: 20 ms of every start for what nothing here uses.
 */
export const { Agent, get } = process.getBuiltinModule('node:http')
export type Agent = InstanceType<typeof Agent>
