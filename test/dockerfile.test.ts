import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { lintDockerfile, parseDockerfile } from './helpers/dockerfile-rules.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const dockerfile = readFileSync(`${root}Dockerfile`, 'utf8')
const admitted = readFileSync(`${root}.dockerignore`, 'utf8').split('\n')
  .filter((line) => line.startsWith('!')).map((line) => line.slice(1))
const context = {
  exists: (path: string) => existsSync(root + path) &&
    admitted.some((one) => path === one || path.startsWith(`${one}/`))
}

t.test('the Dockerfile keeps every rule', async (t) => {
  t.same(lintDockerfile(dockerfile, context), [])
})

t.test('the program starts as process 1, without a shell', async (t) => {
  const last = parseDockerfile(dockerfile).filter((one) => one.name === 'ENTRYPOINT')
  t.same(last.map((one) => JSON.parse(one.value)), [['/nodejs/bin/node', '/app/dist/main.js']])
})

t.test('the ignore list starts from nothing', async (t) => {
  const first = readFileSync(`${root}.dockerignore`, 'utf8').split('\n').find((line) => line !== '' && !line.startsWith('#'))
  t.equal(first, '*')
})

const wrong = [
  { name: 'a root user', from: 'USER 65532:65532', to: 'USER 0', fault: /USER with a number/ },
  { name: 'a user by name', from: 'USER 65532:65532', to: 'USER nonroot', fault: /USER with a number/ },
  { name: 'no user', from: 'USER 65532:65532\n', to: '', fault: /USER with a number/ },
  { name: 'a shell form', from: '["/nodejs/bin/node", "/app/dist/main.js"]', to: 'node dist/main.js', fault: /shell form/ },
  { name: 'no entry point', from: /ENTRYPOINT.*\n/, to: '', fault: /one ENTRYPOINT/ },
  { name: 'ADD', from: 'COPY src ./src', to: 'ADD src ./src', fault: /^ADD src/ },
  { name: 'latest', from: 'node:26.10.0-bookworm-slim\n', to: 'node:latest\n', fault: /node:latest floats/ },
  { name: 'no tag', from: 'node:26.10.0-bookworm-slim\n', to: 'node\n', fault: /FROM node floats/ },
  { name: 'an image that no ARG names', from: /FROM ..RUNTIME_IMAGE./, to: 'FROM node:26', fault: /pinned by digest/ },
  { name: 'install scripts', from: 'npm ci --ignore-scripts', to: 'npm ci', fault: /--ignore-scripts/ },
  { name: 'npm install', from: 'npm ci --ignore-scripts', to: 'npm install --ignore-scripts', fault: /use npm ci/ },
  { name: 'a shell in the last stage', from: 'ENV NODE_ENV', to: 'RUN true\nENV NODE_ENV', fault: /needs a shell/ },
  { name: 'a file that is not there', from: 'COPY src ./src', to: 'COPY sources ./src', fault: /^COPY sources/ },
  { name: 'a file that is kept away', from: 'COPY src ./src', to: 'COPY test ./test', fault: /^COPY test/ }
]

for (const { name, from, to, fault } of wrong) {
  t.test(`${name} is found`, async (t) => {
    const broken = dockerfile.replace(from, () => to)
    t.not(broken, dockerfile)
    t.match(lintDockerfile(broken, context), [fault])
  })
}

t.test('one stage is found', async (t) => {
  const single = dockerfile.slice(dockerfile.lastIndexOf('FROM')).replace('--from=build /app/dist', 'src')
  t.match(lintDockerfile(`ARG RUNTIME_IMAGE=a:1\n${single}`, context), ['one stage only; build in a stage of its own'])
})
