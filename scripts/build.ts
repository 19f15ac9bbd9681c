// Bundles the program into dist/. One entry and lazy chunks: a command loads only what it uses.
import { chmod, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

// Bundled CommonJS packages call require() for Node's own modules.
const requireShim = "import { createRequire as __createRequire } from 'node:module'; " +
  'const require = __createRequire(import.meta.url);'

await rm(`${root}dist`, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: { main: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifyWhitespace: true,
  legalComments: 'linked',
  banner: { js: requireShim },
  logLevel: 'warning'
})
// The bin of package.json: npm's links run the file itself, by its #! line.
await chmod(`${root}dist/main.js`, 0o755)
