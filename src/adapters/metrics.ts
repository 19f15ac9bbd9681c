import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { AdmissionOutcome } from '../app/admission.ts'
import type { AdmissionRequest, GroupVersionResource } from '../core/admission-review.ts'

/** How an admission ended: patched, decided to patch but in shadow mode, skipped, or failed by a fault of ours. */
export type AdmissionResult = 'patched' | 'unchanged' | 'skipped' | 'error'

/** One admission, at its end. */
export interface AdmissionSample {
  readonly request: AdmissionRequest
  readonly outcome: AdmissionOutcome
  /** From the headers' arrival to the answer, the body's way included. */
  readonly durationSeconds: number
}

/** What the admission server says about itself. */
export interface AdmissionMetrics {
  readonly observe: (sample: AdmissionSample) => void
  /** A call that got no AdmissionReview back; the code comes from the table of refusals. */
  readonly refused: (code: string) => void
  /** A connection that never came as far as HTTP: a wrong CA bundle shows here. */
  readonly handshakeFailed: () => void
  /** Read at every scrape. */
  readonly watchInFlight: (requests: () => number, bytes: () => number) => void
}

export type CertificateUsage = 'serving' | 'ca'

/** Every metric of the program; labels are bounded whatever callers send. */
export interface Metrics {
  readonly registry: Registry
  readonly admission: AdmissionMetrics
  /** The names that the label `credential` may have; the series of names that are gone are dropped. */
  readonly credentialsConfigured: (names: readonly string[]) => void
  readonly configurationReloaded: (result: 'success' | 'failure', at: Date) => void
  readonly certificateLoaded: (usage: CertificateUsage, notAfter: Date) => void
  readonly certificateRefused: (usage: CertificateUsage) => void
}

export interface MetricsOptions {
  readonly build: { readonly version: string, readonly commit: string }
  /** The resources that the program knows; all others are counted as "other". */
  readonly resources: ReadonlyArray<Pick<GroupVersionResource, 'group' | 'resource'>>
}

/** Makes a registry of its own with every Pullpass metric; the process's own come by `collectProcessMetrics`. */
export function createMetrics ({ build, resources }: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({ name: 'pullpass_build_info', help: 'Always 1; the labels say what runs.', labelNames: ['version', 'commit'], registers })
    .set({ ...build }, 1)
  const injected = createInjectedCounter(registers)
  return {
    registry,
    admission: createAdmissionMetrics(registers, resources, injected.count),
    credentialsConfigured: injected.configured,
    configurationReloaded: createConfigurationMetrics(registers),
    ...createCertificateMetrics(registers)
  }
}

/** Adds what the runtime knows: event loop lag, heap, garbage collection, `process_*`. */
export function collectProcessMetrics (registry: Registry): void {
  collectDefaultMetrics({ register: registry })
}

type Registers = Registry[]

function createInjectedCounter (registers: Registers): {
  count: (names: readonly string[]) => void
  configured: (names: readonly string[]) => void
} {
  const counter = new Counter({
    name: 'pullpass_injected_secrets_total',
    help: 'Pull secret names added by a patch, dry runs apart, by credential.',
    labelNames: ['credential'],
    registers
  })
  let known: ReadonlySet<string> = new Set()
  return {
    count: (names) => {
      for (const name of names) counter.inc({ credential: known.has(name) ? name : 'other' })
    },
    configured: (names) => {
      const now = new Set(names)
      for (const name of known) if (!now.has(name)) counter.remove({ credential: name })
      known = now
    }
  }
}

const operations: ReadonlySet<string> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT'])
const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

function createAdmissionMetrics (
  registers: Registers, resources: MetricsOptions['resources'], countInjected: (names: readonly string[]) => void
): AdmissionMetrics {
  const countAdmission = createAdmissionCounters(registers)
  const skips = new Counter({
    name: 'pullpass_skips_total',
    help: 'Admissions that Pullpass left as they were, by reason (docs/reasons.md).',
    labelNames: ['resource', 'reason'],
    registers
  })
  const refusedCalls = new Counter({
    name: 'pullpass_admission_refused_total',
    help: 'Calls that were answered with an HTTP error instead of a review, by code (docs/http.md).',
    labelNames: ['code'],
    registers
  })
  const handshakes = new Counter({
    name: 'pullpass_tls_handshake_failures_total',
    help: 'Connections that ended in the TLS handshake; a wrong CA bundle shows here.',
    registers
  })
  const labelOf = new Map(resources.map(({ group, resource }) => [`${group}/${resource}`, resource]))
  return {
    observe: ({ request, outcome, durationSeconds }) => {
      const { decision } = outcome
      const resource = labelOf.get(`${request.resource.group}/${request.resource.resource}`) ?? 'other'
      const result = resultOf(outcome)
      countAdmission({ resource, result, request, durationSeconds })
      if (decision.action === 'skip') skips.inc({ resource, reason: decision.reason })
      else if (result === 'patched' && !request.dryRun) countInjected(decision.additions.map(({ name }) => name))
    },
    refused: (code) => { refusedCalls.inc({ code }) },
    handshakeFailed: () => { handshakes.inc() },
    watchInFlight: createInFlightGauges(registers)
  }
}

/**
 * | decision | patch | result |
 * |---|---|---|
 * | inject | yes | patched |
 * | inject | no (shadow) | unchanged |
 * | skip, internal_error | - | error |
 * | skip, any other reason | - | skipped |
 */
function resultOf ({ decision, patch }: AdmissionOutcome): AdmissionResult {
  if (decision.action === 'inject') return patch.length > 0 ? 'patched' : 'unchanged'
  return decision.reason === 'internal_error' ? 'error' : 'skipped'
}

interface CountedAdmission {
  readonly resource: string
  readonly result: AdmissionResult
  readonly request: AdmissionRequest
  readonly durationSeconds: number
}

function createAdmissionCounters (registers: Registers): (admission: CountedAdmission) => void {
  const requests = new Counter({
    name: 'pullpass_admission_requests_total',
    help: 'Admission reviews answered.',
    labelNames: ['resource', 'operation', 'outcome', 'dry_run'],
    registers
  })
  const durations = new Histogram({
    name: 'pullpass_admission_duration_seconds',
    help: 'From the headers of a review to its answer, the way of the body included.',
    labelNames: ['resource', 'outcome'],
    buckets: durationBuckets,
    registers
  })
  // Looking a series up by its labels costs more than counting, and the labels come from closed sets.
  const requestSeries = new Map<string, Counter.Internal>()
  const durationSeries = new Map<string, Histogram.Internal<string>>()
  return ({ resource, result, request, durationSeconds }) => {
    const operation = operations.has(request.operation) ? request.operation : 'other'
    const dryRun = request.dryRun ? 'true' : 'false'
    remembered(requestSeries, `${resource} ${operation} ${result} ${dryRun}`, () =>
      requests.labels({ resource, operation, outcome: result, dry_run: dryRun })).inc()
    remembered(durationSeries, `${resource} ${result}`, () => durations.labels({ resource, outcome: result }))
      .observe(durationSeconds)
  }
}

function remembered<Value> (known: Map<string, Value>, key: string, make: () => Value): Value {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

function createInFlightGauges (registers: Registers): AdmissionMetrics['watchInFlight'] {
  let requests = (): number => 0
  let bytes = (): number => 0
  // Made for what they collect: both are read at a scrape, so that an admission costs nothing here.
  const inFlight = new Gauge({
    name: 'pullpass_admission_in_flight',
    help: 'Admission calls being read or answered.',
    registers,
    collect: () => { inFlight.set(requests()) }
  })
  const inFlightBytes = new Gauge({
    name: 'pullpass_admission_in_flight_bytes',
    help: 'Bytes of bodies that are in memory or have room kept for them.',
    registers,
    collect: () => { inFlightBytes.set(bytes()) }
  })
  return (readRequests, readBytes) => {
    requests = readRequests
    bytes = readBytes
  }
}

function createConfigurationMetrics (registers: Registers): Metrics['configurationReloaded'] {
  const successful = new Gauge({
    name: 'pullpass_config_last_reload_successful',
    help: '1 if the configuration in force is the one in the file, 0 if the last reload was refused.',
    registers
  })
  const timestamp = new Gauge({
    name: 'pullpass_config_last_reload_success_timestamp_seconds',
    help: 'When the configuration in force was loaded.',
    registers
  })
  const reloads = new Counter({
    name: 'pullpass_config_reloads_total',
    help: 'Loads of the configuration, the first one included, by result.',
    labelNames: ['result'],
    registers
  })
  return (result, at) => {
    reloads.inc({ result })
    successful.set(result === 'success' ? 1 : 0)
    if (result === 'success') timestamp.set(at.getTime() / 1000)
  }
}

function createCertificateMetrics (registers: Registers): Pick<Metrics, 'certificateLoaded' | 'certificateRefused'> {
  const labelNames = ['usage'] as const
  const expiry = new Gauge({
    name: 'pullpass_certificate_expiry_timestamp_seconds', help: 'When the certificate in force expires.', labelNames, registers
  })
  const loads = new Counter({
    name: 'pullpass_certificate_reload_total', help: 'Certificates taken into force, the first one included.', labelNames, registers
  })
  const errors = new Counter({
    name: 'pullpass_certificate_reload_errors_total', help: 'Certificates that were refused; the last good one serves on.', labelNames, registers
  })
  return {
    certificateLoaded: (usage, notAfter) => {
      loads.inc({ usage })
      expiry.set({ usage }, notAfter.getTime() / 1000)
    },
    certificateRefused: (usage) => { errors.inc({ usage }) }
  }
}
