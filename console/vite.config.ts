import { defineConfig } from 'vite'

export default defineConfig({
  // The service may be below a path of its host, which it puts into <base>.
  base: './',
  logLevel: 'warn',
  build: {
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // those with light-dark(), which is not to be rewritten
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the policy allows no data: fonts or scripts
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      // Mantine marks its modules for servers that render; this build has none.
      onLog: (level, log, tell) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && tell(level, log),
    },
  },
})
