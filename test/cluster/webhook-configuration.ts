import { optInLabel } from '../../src/core/kubernetes.ts'
import { kinds } from '../../src/kinds/index.ts'

/** Where the server is and which namespaces are sent to it. */
export interface WebhookConfigurationOptions {
  /** Of the object; the API server visits configurations in the order of their names. */
  readonly name: string
  /** `https://127.0.0.1:PORT`, without a path. */
  readonly url: string
  /** PEM. */
  readonly authority: string
  /** Of `/mutate`; default `Ignore`. */
  readonly failurePolicy?: 'Ignore' | 'Fail'
  /** Labels that a namespace must have beside the opt-in label. */
  readonly namespaceLabels: Readonly<Record<string, string>>
}

/** What stands in front of each audit annotation, by the server's path. */
export const webhookNames = {
  mutate: 'enabled.webhook.pullpass.dev',
  shadow: 'shadow.webhook.pullpass.dev'
} as const

const excludedNamespaces = ['kube-system', 'kube-public', 'kube-node-lease']

/** The MutatingWebhookConfiguration of design §5: one entry for namespaces that are enabled, one for shadow ones. */
export function buildWebhookConfiguration (options: WebhookConfigurationOptions) {
  const entry = (path: keyof typeof webhookNames) => ({
    name: webhookNames[path],
    clientConfig: { url: `${options.url}/${path}`, caBundle: Buffer.from(options.authority).toString('base64') },
    rules: buildRules(),
    namespaceSelector: {
      matchLabels: { ...options.namespaceLabels, [optInLabel]: path === 'mutate' ? 'enabled' : 'shadow' },
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: excludedNamespaces }]
    },
    objectSelector: { matchExpressions: [{ key: optInLabel, operator: 'NotIn', values: ['disabled'] }] },
    matchConditions: [{
      name: 'no-mirror-pod',
      expression: "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)"
    }],
    failurePolicy: path === 'mutate' ? options.failurePolicy ?? 'Ignore' : 'Ignore',
    reinvocationPolicy: path === 'mutate' ? 'IfNeeded' : 'Never',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 5,
    admissionReviewVersions: ['v1']
  })
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: options.name },
    webhooks: [entry('mutate'), entry('shadow')]
  }
}

/** CREATE only, and only the kinds that the webhook handles. */
function buildRules () {
  return kinds.filter(({ handled }) => handled !== 'offline').map(({ resource: { group, version, resource } }) => ({
    apiGroups: [group], apiVersions: [version], resources: [resource], operations: ['CREATE'], scope: 'Namespaced'
  }))
}
