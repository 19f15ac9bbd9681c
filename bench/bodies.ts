/** AdmissionReviews of a wanted size, as the API server would send them. */
export interface BenchBody {
  readonly name: string
  readonly bytes: Buffer
}

type Member = Readonly<Record<string, unknown>>

const uid = '705ab4f5-6393-11e8-b7cc-42010a800002'

function review (resource: Member, object: Member): Buffer {
  const request = {
    uid,
    kind: { group: resource['group'], version: resource['version'], kind: object['kind'] },
    resource,
    requestKind: { group: resource['group'], version: resource['version'], kind: object['kind'] },
    requestResource: resource,
    namespace: 'team-1',
    operation: 'CREATE',
    userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller', groups: ['system:authenticated'] },
    object,
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' }
  }
  return Buffer.from(JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request }))
}

/** What every object carries and nobody decides by: it brings a body to its size. */
function padding (length: number): string {
  return 'managed '.repeat(Math.ceil(length / 8)).slice(0, length)
}

/** The review whose padding makes it `size` bytes long. */
function padded (name: string, size: number, make: (padding: string) => Buffer): BenchBody {
  const bytes = make(padding(size - make('').length))
  return { name, bytes }
}

function pod (containers: number, annotation: string): Buffer {
  return review({ group: '', version: 'v1', resource: 'pods' }, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'api-7d9c-', namespace: 'team-1', annotations: { note: annotation }, labels: { app: 'api' } },
    spec: {
      serviceAccountName: 'default',
      containers: Array.from({ length: containers }, (_, index) => ({
        name: `container-${index}`,
        image: `quay.io/acme/team-1/service-${index}:1.0`,
        resources: {},
        env: [{ name: 'ROLE', value: 'api' }],
        terminationMessagePath: '/dev/termination-log',
        imagePullPolicy: 'IfNotPresent'
      })),
      restartPolicy: 'Always'
    }
  })
}

function workflow (templates: number, script: string): Buffer {
  return review({ group: 'argoproj.io', version: 'v1alpha1', resource: 'workflows' }, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: 'nightly-', namespace: 'team-1' },
    spec: {
      entrypoint: 'main',
      templates: Array.from({ length: templates }, (_, index) => ({
        name: `step-${index}`,
        container: { image: `quay.io/acme/team-1/step-${index}:1`, command: ['run'], args: [script] }
      }))
    }
  })
}

/** The bodies of docs/performance.md. */
export function makeBodies (): readonly BenchBody[] {
  return [
    padded('pod 3 KB', 3 * 1024, (text) => pod(2, text)),
    padded('pod 34 KB', 34 * 1024, (text) => pod(20, text)),
    { name: 'workflow 200 KB', bytes: workflow(100, padding(1900)) }
  ]
}
