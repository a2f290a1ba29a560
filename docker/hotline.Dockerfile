# Our own processes (api, ivr) and the commands. Build from the repository's root:
#   docker build -f docker/hotline.Dockerfile -t legalaid-hotline .
FROM debian:bookworm-slim AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/run.lock /build/
RUN python3 -m venv /opt/hotline \
    && /opt/hotline/bin/python -m pip install --no-cache-dir --require-hashes -r /build/run.lock
COPY routing /opt/hotline/app/routing
COPY asterisk_conf /opt/hotline/app/asterisk_conf
COPY ivr /opt/hotline/app/ivr
COPY agi_scripts /opt/hotline/app/agi_scripts
COPY api /opt/hotline/app/api
COPY migrations /opt/hotline/app/migrations
COPY hotline /opt/hotline/app/hotline
COPY requirements/link_project.sh /opt/hotline/app/requirements/
RUN sh /opt/hotline/app/requirements/link_project.sh /opt/hotline

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 tini tzdata espeak-ng sox \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 2000 --home-dir /var/lib/legalaid-hotline hotline
COPY --from=build /opt/hotline /opt/hotline
USER hotline
ENTRYPOINT ["/usr/bin/tini", "--", "/opt/hotline/bin/python"]
CMD ["-m", "hotline.cli", "--help"]
