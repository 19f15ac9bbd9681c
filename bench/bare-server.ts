// The yardstick: what any webhook on Node pays for HTTPS and JSON. It parses the body and answers a constant patch.
//   node bench/bare-server.ts TLS_CERT_FILE TLS_KEY_FILE     prints its port
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const [certificateFile = '', keyFile = ''] = process.argv.slice(2)
const patch = Buffer.from(JSON.stringify([
  { op: 'add', path: '/spec/imagePullSecrets', value: [{ name: 'quay-1' }] }
])).toString('base64')

const tls = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) }
const server = createServer(tls, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
  request.on('end', () => {
    const review = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } }
    const answer = JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: review.request.uid, allowed: true, patchType: 'JSONPatch', patch }
    })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
    response.end(answer)
  })
})
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address !== 'string') console.log(String(address.port))
})
process.on('SIGTERM', () => { process.exit(0) })
