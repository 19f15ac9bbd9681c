# syntax=docker/dockerfile:1

# A release gives both images by digest, so that the same commit always builds the same image:
#   docker build --build-arg BUILD_IMAGE=node:26.10.0-bookworm-slim@sha256:… \
#                --build-arg RUNTIME_IMAGE=gcr.io/distroless/nodejs26-debian13:nonroot@sha256:… .
ARG BUILD_IMAGE=node:26.10.0-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs26-debian13:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /app
# The packages change less often than the sources: a layer of their own.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY scripts/build.ts scripts/require-node.js ./scripts/
COPY src ./src
RUN npm run build

# The bundle holds every package, so node_modules, npm and a shell stay behind.
FROM ${RUNTIME_IMAGE}
WORKDIR /app
COPY --from=build /app/dist ./dist
# package.json says that dist holds ES modules.
COPY package.json LICENSE ./
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/nodejs/bin/node", "/app/dist/main.js"]
CMD ["serve"]
