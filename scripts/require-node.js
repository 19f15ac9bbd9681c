// Loaded by `node --import` before a .ts file, and plain JavaScript, so that an old Node says what is wrong
// instead of ERR_UNKNOWN_FILE_EXTENSION.
const oldest = 24

if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `starting pullpass's scripts: this is Node ${process.versions.node}, they need ${oldest} or newer. ` +
    'Run `npm ci` and start them by `npm run` (or put node_modules/.bin first on PATH): ' +
    'npm brings the right Node as an optional dependency for Linux and macOS, unless --omit=optional is set\n')
  process.exit(1)
}
