import { readFileSync } from 'node:fs'
import t from 'tap'
import { collectProcessMetrics, createMetrics } from '../../src/adapters/metrics.ts'
import type { AdmissionRequest } from '../../src/core/admission-review.ts'
import { decodeAdmissionReview } from '../../src/core/admission-review.ts'
import { injecting, makeReview, skipping } from '../helpers/http-edge.ts'

const options = { build: { version: '1', commit: 'c' }, resources: [{ group: '', resource: 'pods' }, { group: 'argoproj.io', resource: 'workflows' }] }

function request (fields: object): AdmissionRequest {
  const review = decodeAdmissionReview(makeReview(fields))
  if (!review.ok) throw new Error(review.problem)
  return review.request
}

t.test('docs/metrics.md has one row for each metric, with its type and labels, and no other', async (t) => {
  const metrics = createMetrics(options)
  collectProcessMetrics(metrics.registry)
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  const documented = page.split('\n').filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, 4).map((cell) => cell.trim().replaceAll('`', '')).join(' '))
  const registered = metrics.registry.getMetricsAsArray().map((metric) => {
    const { name, type } = metric
    const labels = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.join(', ') : ''
    return `${name} ${type} ${labels === '' ? '-' : labels}`
  })
  t.strictSame(documented.sort(), registered.sort())
})

t.test('admissions are counted by closed sets of labels only', async (t) => {
  const metrics = createMetrics(options)
  metrics.credentialsConfigured(['acme-quay'])
  const observe = (fields: object, outcome = injecting) => {
    metrics.admission.observe({ request: request(fields), outcome, durationSeconds: 0.0007 })
  }
  observe({})
  observe({ dryRun: true, resource: { group: 'argoproj.io', version: 'v1alpha1', resource: 'workflows' } }, skipping)
  observe({}, { ...injecting, patch: [] })
  const before = (await metrics.registry.metrics()).split('\n').length
  observe({ operation: 'x', resource: { group: 'evil', version: 'v1', resource: 'pods' } }, skipping)
  const once = (await metrics.registry.metrics()).split('\n').length
  for (let index = 0; index < 1000; index += 1) {
    observe({ namespace: `n${index}`, name: `p${index}`, operation: `o${index}`, resource: { group: 'g', resource: `r${index}` } }, skipping)
  }
  const text = await metrics.registry.metrics()
  t.ok(once > before)
  t.equal(text.split('\n').length, once)
  t.match(text, 'pullpass_admission_requests_total{resource="pods",operation="CREATE",outcome="patched",dry_run="false"} 1')
  t.match(text, 'pullpass_admission_requests_total{resource="pods",operation="CREATE",outcome="unchanged",dry_run="false"} 1')
  t.match(text, 'pullpass_admission_requests_total{resource="workflows",operation="CREATE",outcome="skipped",dry_run="true"} 1')
  t.match(text, 'pullpass_admission_requests_total{resource="other",operation="other",outcome="skipped",dry_run="false"} 1001')
  t.match(text, 'pullpass_skips_total{resource="workflows",reason="no_match"} 1')
  t.match(text, 'pullpass_injected_secrets_total{credential="acme-quay"} 1')
  t.match(text, /pullpass_admission_duration_seconds_bucket\{le="0.0005",resource="pods",outcome="patched"\} 0/)
  t.match(text, /pullpass_admission_duration_seconds_bucket\{le="0.001",resource="pods",outcome="patched"\} 1/)
})

t.test('a dry run adds nothing, so that its names are not counted', async (t) => {
  const metrics = createMetrics(options)
  metrics.credentialsConfigured(['acme-quay'])
  metrics.admission.observe({ request: request({ dryRun: true }), outcome: injecting, durationSeconds: 0 })
  const text = await metrics.registry.metrics()
  t.notMatch(text, /pullpass_injected_secrets_total\{/)
  t.match(text, 'outcome="patched",dry_run="true"} 1')
})

t.test('names that the configuration does not hold are counted as other, and gone ones lose their series', async (t) => {
  const metrics = createMetrics(options)
  const observe = () => { metrics.admission.observe({ request: request({}), outcome: injecting, durationSeconds: 0 }) }
  observe()
  t.match(await metrics.registry.metrics(), 'pullpass_injected_secrets_total{credential="other"} 1')
  metrics.credentialsConfigured(['acme-quay'])
  observe()
  t.match(await metrics.registry.metrics(), 'pullpass_injected_secrets_total{credential="acme-quay"} 1')
  metrics.credentialsConfigured([])
  t.notMatch(await metrics.registry.metrics(), 'credential="acme-quay"')
})

t.test('a bad reload keeps the time of the last good one', async (t) => {
  const metrics = createMetrics(options)
  metrics.configurationReloaded('success', new Date(1_700_000_000_000))
  metrics.configurationReloaded('failure', new Date(1_800_000_000_000))
  const text = await metrics.registry.metrics()
  t.match(text, 'pullpass_config_last_reload_successful 0')
  t.match(text, 'pullpass_config_last_reload_success_timestamp_seconds 1700000000')
  t.match(text, 'pullpass_config_reloads_total{result="failure"} 1')
})

t.test('certificates tell when they expire and how often they were refused', async (t) => {
  const metrics = createMetrics(options)
  metrics.certificateLoaded('serving', new Date(1_700_000_000_000))
  metrics.certificateRefused('serving')
  const text = await metrics.registry.metrics()
  t.match(text, 'pullpass_certificate_expiry_timestamp_seconds{usage="serving"} 1700000000')
  t.match(text, 'pullpass_certificate_reload_total{usage="serving"} 1')
  t.match(text, 'pullpass_certificate_reload_errors_total{usage="serving"} 1')
})
