import { EventEmitter, once } from 'node:events'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadManifests, type ManifestsSource } from '../../../src/adapters/manifests/load.ts'
import { watchManifests, type WatchedManifests } from '../../../src/adapters/manifests/watch.ts'
import type { Problem } from '../../../src/core/errors.ts'

const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`
const configuration = (name: string): string =>
  `apiVersion: pullpass.dev/v1\nkind: PullpassConfiguration\ncredentials: [{name: ${name}, namespaces: "*"}]\n`

interface Watching {
  readonly watched: WatchedManifests
  /** Waits for a reload after which the condition holds. */
  readonly until: (condition: () => boolean) => Promise<void>
  /** Waits for a refusal. */
  readonly refused: () => Promise<readonly Problem[]>
}

type Place = Pick<ManifestsSource, 'path' | 'configFile'>

async function startWatch (t: Test, source: Place, pollMs = 600_000): Promise<Watching> {
  const events = new EventEmitter()
  const result = await watchManifests({ ownNamespace: 'pullpass', ...source }, {
    onReload: () => events.emit('reload'),
    onRefused: (problems) => events.emit('refused', problems),
    gatherMs: 5,
    pollMs
  })
  if (!result.ok) throw new Error(result.problems[0]?.message)
  t.teardown(result.watched.close)
  const signal = AbortSignal.timeout(20_000)
  return {
    watched: result.watched,
    until: async (condition) => {
      while (!condition()) await once(events, 'reload', { signal })
    },
    refused: async () => (await once(events, 'refused', { signal }))[0]
  }
}

const sees = ({ watched }: Watching, name: string): boolean => watched.view.namespaceLabels(name) !== undefined

t.test('new, replaced and deleted files and new sub-folders come into force', async (t) => {
  const path = t.testdir({ 'a.yaml': namespace('one') })
  const watching = await startWatch(t, { path })
  const { view } = watching.watched
  await writeFile(join(path, 'b.yaml'), namespace('two'))
  await watching.until(() => sees(watching, 'two'))
  await writeFile(join(path, '.next'), namespace('three'))
  await rename(join(path, '.next'), join(path, 'a.yaml'))
  await watching.until(() => sees(watching, 'three') && !sees(watching, 'one'))
  await mkdir(join(path, 'sub/deep'), { recursive: true })
  await writeFile(join(path, 'sub/deep/c.yaml'), namespace('four'))
  await watching.until(() => sees(watching, 'four'))
  await writeFile(join(path, 'sub/deep/c.yaml'), namespace('five'))
  await watching.until(() => sees(watching, 'five') && !sees(watching, 'four'))
  await rm(join(path, 'sub'), { recursive: true })
  await watching.until(() => !sees(watching, 'five'))
  t.equal(watching.watched.view, view, 'the view stays one object')
})

t.test('a bad file leaves everything as it was, until it is repaired', async (t) => {
  const path = t.testdir({ 'a.yaml': namespace('one') })
  const watching = await startWatch(t, { path })
  const refused = watching.refused()
  await writeFile(join(path, '.next'), `${namespace('two')}---\nx: [\n`)
  await rename(join(path, '.next'), join(path, 'b.yaml'))
  t.match(await refused, [{ file: join(path, 'b.yaml'), line: 6, message: /bracket/ }])
  t.ok(sees(watching, 'one') && !sees(watching, 'two'))
  await writeFile(join(path, 'b.yaml'), namespace('two'))
  await watching.until(() => sees(watching, 'two'))
  t.ok(sees(watching, 'one'))
})

t.test('the swap of a ConfigMap mount comes into force', async (t) => {
  const path = t.testdir({ '..1': { 'a.yaml': namespace('one') } })
  await symlink('..1', join(path, '..data'))
  await symlink('..data/a.yaml', join(path, 'a.yaml'))
  const watching = await startWatch(t, { path })
  const swap = async (folder: string, name: string): Promise<void> => {
    await mkdir(join(path, folder))
    await writeFile(join(path, folder, 'a.yaml'), namespace(name))
    await symlink(folder, join(path, '..data_tmp'))
    await rename(join(path, '..data_tmp'), join(path, '..data'))
  }
  await swap('..2', 'two')
  await watching.until(() => sees(watching, 'two') && !sees(watching, 'one'))
  await rm(join(path, '..1'), { recursive: true })
  await swap('..3', 'three')
  await watching.until(() => sees(watching, 'three') && !sees(watching, 'two'))
})

t.test('a folder that is a link, and one that is made anew, are followed', async (t) => {
  const base = t.testdir({ r1: { 'a.yaml': namespace('one') }, r2: { 'a.yaml': namespace('two') } })
  const path = join(base, 'current')
  await symlink('r1', path)
  const watching = await startWatch(t, { path })
  await symlink('r2', join(base, 'next'))
  await rename(join(base, 'next'), path)
  await watching.until(() => sees(watching, 'two'))
  await mkdir(join(base, 'r3'))
  await writeFile(join(base, 'r3/a.yaml'), namespace('three'))
  await rename(join(base, 'r3'), join(base, 'r4'))
  await rm(path)
  const refused = watching.refused()
  t.match(await refused, [{ message: /ENOENT/ }])
  await rename(join(base, 'r4'), path)
  await watching.until(() => sees(watching, 'three'))
})

t.test('a separate configuration file is followed and stands in for the folder\'s', async (t) => {
  const base = t.testdir({ m: { 'a.yaml': configuration('folder') }, 'own.yaml': configuration('own') })
  const watching = await startWatch(t, { path: join(base, 'm'), configFile: join(base, 'own.yaml') })
  const name = (): string | undefined => watching.watched.view.configuration().credentials[0]?.name
  t.equal(name(), 'own')
  await writeFile(join(base, 'next'), configuration('changed'))
  await rename(join(base, 'next'), join(base, 'own.yaml'))
  await watching.until(() => name() === 'changed')
})

t.test('the poll finds what no notice told of', async (t) => {
  const base = t.testdir({ target: { x: { 'a.yaml': namespace('one') } } })
  const path = join(base, 'm')
  await mkdir(path)
  // Two links in a row: the middle one stands in a folder that is not watched.
  await symlink('x', join(base, 'target/link'))
  await symlink(join(base, 'target/link/a.yaml'), join(path, 'a.yaml'))
  await mkdir(join(base, 'target/y'))
  await writeFile(join(base, 'target/y/a.yaml'), namespace('two'))
  const watching = await startWatch(t, { path }, 20)
  await symlink('y', join(base, 'target/next'))
  await rename(join(base, 'target/next'), join(base, 'target/link'))
  await watching.until(() => sees(watching, 'two'))
  t.pass('seen')
})

t.test('a first load that fails tells every problem and watches nothing', async (t) => {
  const base = t.testdir({ 'a.yaml': 'x: [', 'b.yaml': 'y: 1' })
  const source = { path: base, configFile: join(base, 'absent.yaml'), ownNamespace: 'pullpass' }
  const options = { onReload: () => t.fail('reload'), onRefused: () => t.fail('refused') }
  const result = await watchManifests(source, options)
  t.same(result.ok || result.problems.map(({ file }) => file), ['absent.yaml', 'a.yaml', 'b.yaml'].map((name) => join(base, name)))
  t.match(await loadManifests(source), { ok: false, problems: result.ok ? [] : result.problems })
})

t.test('a callback that throws is told and ends nothing', async (t) => {
  const path = t.testdir({ 'a.yaml': namespace('one') })
  const events = new EventEmitter()
  const signal = AbortSignal.timeout(20_000)
  let loads = 0
  const result = await watchManifests({ path, ownNamespace: 'pullpass' }, {
    onReload: () => {
      loads += 1
      if (loads === 1) throw new TypeError('boom')
      if (loads === 2) JSON.parse('hunter2')
      events.emit('reload')
    },
    onRefused: (problems) => {
      events.emit('refused', problems)
      throw new Error('who is told fails, too')
    },
    gatherMs: 0
  })
  if (!result.ok) throw new Error('not loaded')
  const { view, close } = result.watched
  t.teardown(close)
  const change = async (name: string, event: string): Promise<unknown> => {
    const told = once(events, event, { signal })
    await writeFile(join(path, '.next'), namespace(name))
    await rename(join(path, '.next'), join(path, 'a.yaml'))
    return (await told)[0]
  }
  const file = path
  t.match(await change('two', 'refused'), [{ file, message: 'reloading failed: TypeError: boom; please report it' }])
  t.ok(view.namespaceLabels('two'), 'the view is whole')
  t.match(await change('three', 'refused'), [{ file, message: /^reloading failed: SyntaxError;/ }])
  await change('four', 'reload')
  t.ok(view.namespaceLabels('four') && !view.namespaceLabels('one'))
})

t.test('a folder without a configuration is warned of, with one it is not', async (t) => {
  const base = t.testdir({ none: { 'a.yaml': namespace('one') }, some: { 'a.yaml': configuration('x') } })
  const warnings = async (place: Place): Promise<unknown> => {
    const result = await loadManifests({ ownNamespace: 'pullpass', ...place })
    return result.ok && result.loaded.warnings
  }
  const none = join(base, 'none')
  const message = 'the folder holds no PullpassConfiguration; nothing will ever be injected'
  t.same(await warnings({ path: none }), [{ file: none, message }])
  t.same(await warnings({ path: join(base, 'some') }), [])
  t.same(await warnings({ path: none, configFile: join(base, 'some/a.yaml') }), [])
})

t.test('after close nothing is told any more', async (t) => {
  const path = t.testdir({ 'a.yaml': namespace('one') })
  const options = { onReload: () => t.fail('reload'), onRefused: () => t.fail('refused'), gatherMs: 0 }
  const result = await watchManifests({ path, ownNamespace: 'pullpass' }, options)
  if (!result.ok) throw new Error('not loaded')
  await result.watched.close()
  await writeFile(join(path, 'a.yaml'), namespace('two'))
  const other = await startWatch(t, { path })
  await writeFile(join(path, 'a.yaml'), namespace('three'))
  await other.until(() => sees(other, 'three'))
  t.ok(result.watched.view.namespaceLabels('one'))
})
