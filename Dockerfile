# The images that compose.yaml builds: the example service with the tool, and Alertmanager with a log that holds no token.
FROM rust:1.95.0-slim-trixie AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked --package mirror --package tachograph-tool --bins

FROM debian:13.1-slim AS mirror
COPY --from=build /source/target/release/mirror /source/target/release/tachograph /usr/local/bin/
RUN install --directory --owner=nobody --group=nogroup /data /rendered
USER nobody
WORKDIR /data
CMD ["mirror", "--data", "/data", "--api", "0.0.0.0:8080"]

FROM prom/alertmanager:v0.28.1 AS alertmanager-release

FROM debian:13.1-slim AS alertmanager
COPY --from=alertmanager-release /bin/alertmanager /bin/amtool /usr/local/bin/
COPY --from=build /source/target/release/tachograph /usr/local/bin/
COPY alerts/alertmanager/redacted.sh /usr/local/bin/redacted.sh
RUN install --directory --owner=nobody --group=nogroup /alertmanager /rendered
USER nobody
ENTRYPOINT ["redacted.sh", "alertmanager"]
