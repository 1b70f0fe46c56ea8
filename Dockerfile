# One file on a Node base image: run `npm run build` first, then
#   docker build --build-arg BASE_IMAGE=... -t switchyard .
# The base image must hold Node 26 as `node` on its path.
ARG BASE_IMAGE=node:26-slim
FROM ${BASE_IMAGE}
# Each arena of glibc keeps freed memory to itself: with two a busy router holds some tens of MB less. With
# half of Node's usual room for young objects it holds as much less again, and takes no more time for an answer.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 NODE_OPTIONS=--max-semi-space-size=8
WORKDIR /app
COPY --chmod=0444 LICENSE ./
# Named .mjs because no package.json is there to say that it is a module.
COPY --chmod=0444 dist/switchyard.js ./switchyard.mjs
COPY dist/models ./models
# A number, so that Kubernetes can tell that it is not root. Nothing is written to the image's own
# file system: it may be mounted read-only.
USER 65532:65532
# The API, and health with metrics.
EXPOSE 8080 8081
ENTRYPOINT ["node", "/app/switchyard.mjs"]
CMD ["router"]
