# One image a service, all from one build: docker build --target auth-server .
# What is left of the build is the program, the C library that it is linked with, and the certificates that it
# trusts: no shell, no package manager, no compiler, nobody but the user that it runs as.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# What is built in besides: `docker compose build --build-arg FEATURES=otel` for traces (docs/operations.md).
ARG FEATURES=
# First what others wrote, from crates alone (a C compiler is all that is needed besides Rust): it takes most of the
# time, and stays as long as Cargo.lock and these files do. Our own crates are empty here.
COPY Cargo.toml Cargo.lock ./
COPY shared/Cargo.toml shared/
COPY auth-server/Cargo.toml auth-server/
COPY resource-server/Cargo.toml resource-server/
COPY client-app/Cargo.toml client-app/
COPY ecosystem/Cargo.toml ecosystem/
COPY benches/Cargo.toml benches/
COPY reliability/Cargo.toml reliability/
RUN set -eu; \
    for crate in */; do mkdir "$crate/src"; touch "$crate/src/lib.rs"; done; \
    cargo build --release --locked --features "$FEATURES" -p auth-server -p resource-server -p client-app
COPY . .
# cargo goes by the times of files: ours are newer than what was empty.
RUN touch */src/lib.rs && cargo build --release --locked --features "$FEATURES" -p auth-server -p resource-server -p client-app
# /system is what all three share; the shared libraries are those that the programs name, and no others.
RUN set -eu; \
    mkdir -p /system/etc/ssl/certs /data; \
    for service in auth-server resource-server client-app; do ldd target/release/$service; done \
        | grep -o '/[^ ]*' | sort -u | xargs -I{} cp -L --parents {} /system; \
    cp -L /etc/ssl/certs/ca-certificates.crt /system/etc/ssl/certs/; \
    echo 'grantscope:x:10001:10001::/data:/nonexistent' >/system/etc/passwd; \
    echo 'grantscope:x:10001:' >/system/etc/group; \
    echo 'hosts: files dns' >/system/etc/nsswitch.conf

FROM scratch AS base
COPY --from=build /system /
# Where a service keeps its store; nothing else is written.
COPY --from=build --chown=10001:10001 /data /data
ENV PATH=/bin
USER 10001:10001
WORKDIR /data
VOLUME /data

FROM base AS auth-server
COPY --from=build /src/target/release/auth-server /bin/auth-server
EXPOSE 9000
HEALTHCHECK --interval=2s --timeout=10s --start-period=30s --retries=15 CMD ["auth-server", "healthcheck"]
ENTRYPOINT ["auth-server"]

FROM base AS resource-server
COPY --from=build /src/target/release/resource-server /bin/resource-server
EXPOSE 9001
HEALTHCHECK --interval=2s --timeout=10s --start-period=30s --retries=15 CMD ["resource-server", "healthcheck"]
ENTRYPOINT ["resource-server"]

FROM base AS client-app
COPY --from=build /src/target/release/client-app /bin/client-app
EXPOSE 8080
HEALTHCHECK --interval=2s --timeout=10s --start-period=30s --retries=15 CMD ["client-app", "healthcheck"]
ENTRYPOINT ["client-app"]
