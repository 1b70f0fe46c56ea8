# The program on a Node base image: run `npm run build` first, then
#   docker build --build-arg BASE_IMAGE=... -t switchyard .
# and for the jobs that make plans, which have DuckDB beside it: `npm run build:jobs`, then
#   docker build --build-arg BASE_IMAGE=... --target jobs -t switchyard-jobs .
# The base image must hold Node 26 as `node` on its path; that of jobs glibc and libstdc++, too.
ARG BASE_IMAGE=node:26-slim
FROM ${BASE_IMAGE} AS program
# Each arena of glibc keeps freed memory to itself: with two a busy router holds some tens of MB less. With
# half of Node's usual room for young objects it holds as much less again, and takes no more time for an answer.
# Under a heap's bound of gigabytes V8 lets as much garbage lie as a router holds in all: this one is for a limit of 512 MiB.
# A router that loads a table has the garbage of each slice of the work collected before the next: all in one go
# would keep requests waiting for milliseconds.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 \
    NODE_OPTIONS="--max-semi-space-size=8 --expose-gc --max-old-space-size=317"
WORKDIR /app
COPY --chmod=0444 LICENSE ./
COPY --chmod=0444 dist/*.mjs ./
COPY dist/models ./models
COPY dist/console-page ./console-page
# A number, so that Kubernetes can tell that it is not root. Nothing is written to the image's own
# file system: it may be mounted read-only.
USER 65532:65532
ENTRYPOINT ["node", "/app/switchyard.mjs"]

FROM program AS jobs
# The solver's WebAssembly and DuckDB's native addon, which no bundle holds. A job reads much and answers nobody:
# it is given Node's own bounds.
ENV NODE_OPTIONS=
COPY --chmod=0444 dist/highs.wasm ./
COPY dist/jobs/node_modules ./node_modules
CMD ["plan", "--cluster"]

# The last, and so the one that is built where none is named.
FROM program AS router
# The API, and health with metrics.
EXPOSE 8080 8081
CMD ["router"]
