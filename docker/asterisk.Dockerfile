# Asterisk 22 with what the fallback script needs: Debian's own packages, no build from source.
#   docker build -f docker/asterisk.Dockerfile -t legalaid-hotline-asterisk .
FROM debian:sid-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends asterisk python3-minimal tini tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && asterisk -V | grep -E '^Asterisk 22\.' \
    && usermod --uid 2000 asterisk
USER asterisk
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/sbin/asterisk"]
CMD ["-f", "-C", "/var/lib/legalaid-hotline/default/asterisk/etc/asterisk.conf"]
