/**
 * Shows the memory of the environment in JupyterLab's status bar, and says when a program was killed because memory ran out.
 *
 * JupyterLab loads an extension as a container of webpack's module federation: `init` gets the modules that the page
 * shares, `get` gives the extension. Written by hand, it needs no build.
 */
;(() => {
  const everyMs = 5_000
  const nearlyFull = 0.9
  const GiB = 2 ** 30
  let shared

  async function load(name) {
    const [version] = Object.values(shared[name])
    return (await version.get())()
  }

  /** For example `0.4 GiB`. */
  function inGiB(bytes) {
    return `${(bytes / GiB).toFixed(bytes < 10 * GiB ? 1 : 0).replace(/\.0$/, '')} GiB`
  }

  function wordsOf({ used_bytes: used, limit_bytes: limit }) {
    return `Memory: ${inGiB(used)}${limit === null ? '' : ` of ${inGiB(limit)}`}`
  }

  async function extension() {
    const { IStatusBar } = await load('@jupyterlab/statusbar')
    const { Notification } = await load('@jupyterlab/apputils')
    const { ServerConnection } = await load('@jupyterlab/services')
    const { URLExt } = await load('@jupyterlab/coreutils')
    const { Widget } = await load('@lumino/widgets')

    async function ask(settings) {
      const answer = await ServerConnection.makeRequest(URLExt.join(settings.baseUrl, 'ai-lab/memory'), {}, settings)
      return answer.status === 200 ? answer.json() : null
    }

    function draw(node, memory) {
      const share = memory.limit_bytes === null ? 0 : memory.used_bytes / memory.limit_bytes
      node.textContent = wordsOf(memory)
      node.style.color = share >= nearlyFull ? 'var(--jp-error-color1)' : ''
      node.style.fontWeight = share >= nearlyFull ? 'bold' : ''
    }

    function tell({ limit_bytes: limit }) {
      const most = limit === null ? '' : ` It may use ${inGiB(limit)}.`
      Notification.warning(
        `The memory of this environment ran out, and a program in it was killed, for example the kernel of a notebook.${most}`,
        { autoClose: false },
      )
    }

    function activate({ serviceManager }, statusBar) {
      const item = new Widget()
      item.node.title = 'The memory that this environment uses, and the most that it may use'
      item.addClass('ai-lab-memory')
      item.addClass('jp-StatusBar-TextItem')
      statusBar.registerStatusItem('@ai-lab/memory:status', { item, align: 'left', rank: 3 })
      let kills = null

      async function look() {
        // A hidden page asks nothing. While the environment does not answer, for example in a pause, its last figure stays.
        const memory = document.hidden ? null : await ask(serviceManager.serverSettings).catch(() => null)
        if (memory) {
          draw(item.node, memory)
          if (kills !== null && memory.kills > kills) tell(memory)
          kills = memory.kills
        }
        setTimeout(look, everyMs)
      }
      look()
    }

    const plugin = { id: '@ai-lab/memory:status', autoStart: true, requires: [IStatusBar], activate }
    return { __esModule: true, default: plugin }
  }

  window._JUPYTERLAB ??= {}
  window._JUPYTERLAB['@ai-lab/memory'] = {
    init(modules) {
      shared = modules
    },
    async get() {
      const module = await extension()
      return () => module
    },
  }
})()
