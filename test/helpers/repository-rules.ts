/** A file of the repository, by its path from the root. */
export interface TrackedFile {
  readonly path: string
  readonly text: string
}

// Put together here, so that this file doesn't hold what it looks for.
const privateKey = new RegExp(`-----BEGIN ${'([A-Z]+ )?'}PRIVATE KEY`)
// With its body: code that reads certificates may name the header.
const certificate = new RegExp(`-----BEGIN ${'CERTIFICATE'}-----(\\r?\\n|\\\\n)\\s*[A-Za-z0-9+/]{20}`)
const machinePath = new RegExp(`(^|[^a-zA-Z0-9.])/(${['work', 'farm'].join('|')})/`, 'm')

const rules = [
  { pattern: privateKey, fault: 'holds a private key; make it when it is needed' },
  { pattern: certificate, fault: 'holds a certificate; make it when it is needed' },
  { pattern: machinePath, fault: 'names a path of one machine' }
]

/** What must not be committed, file by file; empty: nothing is. */
export function findForbiddenContent (files: readonly TrackedFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    rules.filter(({ pattern }) => pattern.test(text)).map(({ fault }) => `${path} ${fault}`))
}

/** Dependencies of package.json: name to version range. */
export type Ranges = Readonly<Record<string, string>>

/** Every dependency that is not given as one version. */
export function findLooseVersions (ranges: Ranges): readonly string[] {
  return Object.entries(ranges).filter(([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
    .map(([name, range]) => `${name}: ${range}`)
}

export interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly optional?: boolean
  readonly peer?: boolean
  readonly hasInstallScript?: boolean
}

export type Lock = Readonly<Record<string, LockedPackage>>

function packagesOf (lock: Lock): ReadonlyArray<readonly [string, LockedPackage]> {
  return Object.entries(lock).filter(([path]) => path !== '')
}

/** What of the lockfile ties an install to one registry, or leaves it unchecked. */
export function findLockFaults (lock: Lock): readonly string[] {
  return packagesOf(lock).flatMap(([path, locked]) => [
    ...locked.resolved === undefined ? [] : [`${path} names the registry that it came from`],
    ...locked.integrity === undefined ? [`${path} has no integrity`] : []
  ])
}

/** The packages that a running Pullpass is made of. */
export function runtimePackages (lock: Lock): readonly string[] {
  return packagesOf(lock).filter(([, { dev, optional, devOptional }]) => !(dev ?? optional ?? devOptional))
    .map(([path]) => path)
}

/** The packages that would run a script of theirs at install, but for --ignore-scripts. */
export function installScripts (lock: Lock): readonly string[] {
  return packagesOf(lock).filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)
}
