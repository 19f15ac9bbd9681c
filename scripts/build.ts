// Bundles the program into dist/, or into the folder that is named. One entry and lazy chunks: a command loads only
// what it uses.
import { chmod, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const [named] = process.argv.slice(2)
const outdir = named === undefined ? join(root, 'dist') : resolve(named)

// Bundled CommonJS packages call require() for Node's own modules.
const requireShim = "import { createRequire as __createRequire } from 'node:module'; " +
  'const require = __createRequire(import.meta.url);'

// A folder that is named may hold anything, so only our own is emptied.
if (named === undefined) await rm(outdir, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: { main: 'src/main.ts' },
  outdir,
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
await chmod(join(outdir, 'main.js'), 0o755)
