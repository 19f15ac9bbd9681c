import type { Clock } from '../../app/ports.ts'
import { loadCertificate } from './certificate-files.ts'
import { bundleFiles, writeBundle, type BundleFiles } from './certificate-output.ts'
import { createAuthority, issueServingCertificate } from './development-authority.ts'

const daySeconds = 24 * 60 * 60
const lifetimeSeconds = 30 * daySeconds

/**
 * The development certificate in a folder, made anew with its authority where none is or where it can't be served any
 * more. For the embedded default on one machine; a cluster's certificates come otherwise (certs/README.md).
 *
 * @throws PullpassError `file_unwritable`
 */
export async function ensureDevelopmentBundle (
  folder: string,
  hosts: readonly string[],
  clock: Clock
): Promise<BundleFiles> {
  const files = bundleFiles(folder)
  const present = await loadCertificate({ files, policy: { tls13Only: false }, clock })
  const isForHosts = present.ok && hosts.every((host) =>
    [...present.certificate.facts.dnsNames, ...present.certificate.facts.ipAddresses].includes(host))
  if (isForHosts) return files
  const now = clock.now()
  const authority = await createAuthority({ commonName: 'Pullpass development authority', now, lifetimeSeconds })
  const bundle = await issueServingCertificate(authority, { hosts, now, lifetimeSeconds })
  return await writeBundle(folder, bundle, { replace: true })
}
