# One image a service, all from one build: docker build --target auth-server .
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# Built from crates alone: a C compiler is all that is needed besides Rust.
RUN cargo build --release --locked -p auth-server -p resource-server -p client-app

FROM debian:bookworm-slim AS base
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# /data is where a service keeps its store; nothing else is written.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin grantscope \
    && mkdir /data && chown grantscope /data
USER grantscope
WORKDIR /data
VOLUME /data

FROM base AS auth-server
COPY --from=build /src/target/release/auth-server /usr/local/bin/auth-server
EXPOSE 9000
HEALTHCHECK --interval=2s --timeout=2s --start-period=30s --retries=15 CMD ["auth-server", "--healthcheck", "127.0.0.1:9000"]
ENTRYPOINT ["auth-server"]

FROM base AS resource-server
COPY --from=build /src/target/release/resource-server /usr/local/bin/resource-server
EXPOSE 9001
HEALTHCHECK --interval=2s --timeout=2s --start-period=30s --retries=15 CMD ["resource-server", "--healthcheck", "127.0.0.1:9001"]
ENTRYPOINT ["resource-server"]

FROM base AS client-app
COPY --from=build /src/target/release/client-app /usr/local/bin/client-app
EXPOSE 8080
HEALTHCHECK --interval=2s --timeout=2s --start-period=30s --retries=15 CMD ["client-app", "--healthcheck", "127.0.0.1:8080"]
ENTRYPOINT ["client-app"]
