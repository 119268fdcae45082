/**
 * Node's HTTP. An `import` of node:http would give its other exports too, and so load WebSocket and fetch with them: 20 ms
 * of every start for what nothing here uses.
 */
export const { Agent, createServer, get, request } = process.getBuiltinModule('node:http')
export type Agent = InstanceType<typeof Agent>
