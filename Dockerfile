FROM python:3.11-slim

# Fixed numbers, so that a volume's owner does not depend on the base image.
RUN groupadd --system --gid 10001 jobyard
RUN useradd --system --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin jobyard
RUN install --directory --mode=0700 --owner=10001 --group=10001 /data

WORKDIR /opt/jobyard
COPY requirements.lock ./
RUN python -m venv /opt/venv
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.lock
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY engine ./engine
COPY frontends ./frontends
COPY clients ./clients
COPY config ./config
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps .

# Inside a container the network is the engine's bridge, so every address is listened on and clear text is
# allowed, aloud. What other machines reach is what is published: compose.yaml publishes on 127.0.0.1 only.
ENV JOBYARD_HOST=0.0.0.0 \
    JOBYARD_INSECURE_PLAINTEXT=true \
    JOBYARD_STORE=/data \
    PYTHONUNBUFFERED=1

USER 10001:10001
VOLUME /data
EXPOSE 8962
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/opt/venv/bin/python", "-c", "import socket; s = socket.create_connection(('127.0.0.1', 8962), 2); s.sendall(b'PING\\n'); assert s.recv(64) == b'PONG\\n'"]

# The settings of this image first, then where the two originals mounted theirs; without any, the defaults.
CMD for file in /etc/jobyard/config.yml /go/src/app/config.yml /jobengine/config.yml; do \
        if [ -e "$file" ]; then set -- --config "$file"; break; fi; \
    done; \
    exec /opt/venv/bin/jobyard serve "$@"
