import { defineConfig, type Plugin } from 'vite'

/** Lets Mantine's styles come with its components: a page loads those of what it shows, in the order in which components use each other. */
const stylesOfComponents: Plugin = {
  name: 'styles-of-components',
  transform(code, id) {
    const component = /@mantine\/core\/esm\/.*\/(\w+)\.module\.mjs$/.exec(id)?.[1]
    return component && `import '@mantine/core/styles/${component}.css'\n${code}`
  },
}

export default defineConfig({
  // The service may be below a path of its host, which it puts into <base>.
  base: './',
  logLevel: 'warn',
  plugins: [stylesOfComponents],
  build: {
    target: 'es2023',
    // Mantine sets the colour scheme by a variable, which no replacement of light-dark() for older browsers understands.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the policy allows no data: fonts or scripts
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      // All that the first page needs is one file: fewer requests, and it compresses better.
      output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } },
      // Mantine marks its modules for servers that render; this build has none.
      onLog: (level, log, tell) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && tell(level, log),
    },
  },
})
