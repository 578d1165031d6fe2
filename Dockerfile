# One image a service, all from one build: docker build --target auth-server .
# What is left of the build is the program, the C library that it is linked with, and the certificates that it
# trusts: no shell, no package manager, no compiler, nobody but the user that it runs as.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# Built from crates alone: a C compiler is all that is needed besides Rust.
RUN cargo build --release --locked -p auth-server -p resource-server -p client-app
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
HEALTHCHECK --interval=2s --timeout=2s --start-period=30s --retries=15 CMD ["auth-server", "healthcheck"]
ENTRYPOINT ["auth-server"]

FROM base AS resource-server
COPY --from=build /src/target/release/resource-server /bin/resource-server
EXPOSE 9001
HEALTHCHECK --interval=2s --timeout=2s --start-period=30s --retries=15 CMD ["resource-server", "healthcheck"]
ENTRYPOINT ["resource-server"]

FROM base AS client-app
COPY --from=build /src/target/release/client-app /bin/client-app
EXPOSE 8080
HEALTHCHECK --interval=2s --timeout=2s --start-period=30s --retries=15 CMD ["client-app", "healthcheck"]
ENTRYPOINT ["client-app"]
