import { chmod, lstat, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { bundleFiles, checkBundleFolder, writeBundle } from '../../../src/adapters/tls/certificate-output.ts'

const bundle = { certificate: 'the certificate', privateKey: 'the key', authority: 'the authority' }
const keep = { replace: false }
const replace = { replace: true }

async function modeOf (path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o777).toString(8)
}

t.test('a new folder is closed to others, and so is the key', async (t) => {
  const folder = join(t.testdir(), 'deep', 'dev')
  const files = await writeBundle(folder, bundle, keep)
  t.same(files, bundleFiles(folder))
  t.equal(await readFile(files.authorityFile, 'utf8'), 'the authority')
  t.equal(await readFile(files.certificateFile, 'utf8'), 'the certificate')
  t.equal(await readFile(files.privateKeyFile, 'utf8'), 'the key')
  t.equal(await modeOf(folder), '700')
  t.equal(await modeOf(files.privateKeyFile), '600')
  t.same(await readdir(folder), ['ca.crt', 'tls.crt', 'tls.key'])
})

for (const name of ['ca.crt', 'tls.crt', 'tls.key']) {
  t.test(`a ${name} that is there already is not replaced unless asked for`, async (t) => {
    const folder = t.testdir({ [name]: 'old' })
    await t.rejects(writeBundle(folder, bundle, keep), { code: 'file_unwritable', message: /there already; add --force/ })
    t.equal(await readFile(join(folder, name), 'utf8'), 'old')
    t.same(await readdir(folder), [name])
    await writeBundle(folder, bundle, replace)
    t.not(await readFile(join(folder, name), 'utf8'), 'old')
    t.same(await readdir(folder), ['ca.crt', 'tls.crt', 'tls.key'])
  })

  t.test(`a ${name} that is a symlink is never written to`, async (t) => {
    const folder = t.testdir({ out: {}, victim: 'untouched' })
    await symlink(join(folder, 'victim'), join(folder, 'out', name))
    for (const options of [keep, replace]) {
      await t.rejects(writeBundle(join(folder, 'out'), bundle, options), { code: 'file_unwritable', message: /symlink/ })
    }
    t.equal(await readFile(join(folder, 'victim'), 'utf8'), 'untouched')
  })
}

t.test('a replaced key that others could read is closed', async (t) => {
  const folder = t.testdir({ 'tls.key': 'old' })
  await chmod(join(folder, 'tls.key'), 0o644)
  await writeBundle(folder, bundle, replace)
  t.equal(await modeOf(join(folder, 'tls.key')), '600')
})

t.test('a symlink, a file or a wrong path is no folder to write to', async (t) => {
  const folder = t.testdir({ file: '', real: {} })
  await symlink('real', join(folder, 'link'))
  const refused = [['link', /symlink/], ['file', /not a folder/], [join('file', 'below'), /ENOTDIR/]] as const
  for (const [name, message] of refused) {
    await t.rejects(checkBundleFolder(join(folder, name), replace), { code: 'file_unwritable', exitCode: 2, message }, name)
  }
})

t.test('a folder that is not there yet is fine', async (t) => {
  await t.resolves(checkBundleFolder(join(t.testdir(), 'new'), keep))
})

t.test('of two writers at the same time one is refused', async (t) => {
  const folder = t.testdir()
  const results = await Promise.allSettled([writeBundle(folder, bundle, keep), writeBundle(folder, bundle, keep)])
  t.same(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
})
