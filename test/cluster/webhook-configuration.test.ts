import t from 'tap'
import { buildWebhookConfiguration } from './webhook-configuration.ts'

const { webhooks } = buildWebhookConfiguration({
  name: 'test', url: 'https://127.0.0.1:1', authority: 'x', failurePolicy: 'Fail', namespaceLabels: { suite: 'a' }
})

t.test('the webhook is asked about what it handles, when it is created, and about nothing else', async (t) => {
  for (const { rules } of webhooks) {
    t.same(rules, [
      { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'], scope: 'Namespaced' },
      {
        apiGroups: ['argoproj.io'],
        apiVersions: ['v1alpha1'],
        resources: ['workflows'],
        operations: ['CREATE'],
        scope: 'Namespaced'
      }
    ])
  }
})

t.test('the shadow entry never blocks anything and is never called again', async (t) => {
  t.match(webhooks, [
    { clientConfig: { url: /\/mutate$/ }, failurePolicy: 'Fail', reinvocationPolicy: 'IfNeeded' },
    { clientConfig: { url: /\/shadow$/ }, failurePolicy: 'Ignore', reinvocationPolicy: 'Never' }
  ])
})
