# The service and what it needs to run: no tests, no tools, no compiler. Node is the version that the tests run on.
FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Nothing is built: better-sqlite3 and argon2 bring their binaries along. The empty folder becomes /data below.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && mkdir data

FROM node:24.21.0-bookworm-slim
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules/
COPY package.json package-lock.json ./
COPY bin/bellwether.js bin/load.js bin/bundled-folder.js bin/bundle.js bin/traces.js bin/bundle-page.ts ./bin/
COPY schemas ./schemas/
COPY src ./src/
COPY plugins ./plugins/
COPY dashboard ./dashboard/
# Whoever runs it may write nothing here: what a first start would make is made now.
RUN node bin/bundle-page.ts && node bin/bellwether.js --version
# A new volume takes the owner of the folder that it covers.
COPY --from=dependencies --chown=node:node /app/data /data/

ENV NODE_ENV=production MALLOC_ARENA_MAX=2 HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/bellwether.js", "serve"]
