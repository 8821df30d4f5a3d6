# poolgauge in a container: docker build -t poolgauge . && docker run --rm poolgauge run chat-100
FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    g++ cmake ninja-build libpq-dev libsqlite3-dev libssl-dev libcli11-dev nlohmann-json3-dev \
    libfmt-dev libboost-dev libeigen3-dev zlib1g-dev dpkg-dev file
WORKDIR /src
COPY . .
RUN cmake --preset release -DBUILD_TESTING=OFF && cmake --build --preset release \
    && cd build/release && cpack -G DEB

FROM debian:12-slim
# For the throwaway server. To test only other servers: --build-arg SERVER=
ARG SERVER=postgresql-15
COPY --from=build /src/build/release/poolgauge_*.deb /tmp/poolgauge.deb
RUN mkdir /etc/postgresql-common \
    && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold \
       /tmp/poolgauge.deb ${SERVER} \
    && rm -rf /tmp/poolgauge.deb /var/lib/apt/lists/* \
    && useradd --create-home --home-dir /srv/poolgauge poolgauge
USER poolgauge
WORKDIR /srv/poolgauge
ENTRYPOINT ["poolgauge"]
