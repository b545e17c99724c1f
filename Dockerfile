# Signalman as one image: `docker run signalman web`, `worker`, `scheduler`, `migrate`.
# Nothing is installed but what the lock files name, each with its hash.
ARG PYTHON=3.13-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements-build.lock requirements-runtime.lock ./
RUN python -m venv /opt/signalman
RUN /opt/signalman/bin/pip install --quiet --require-hashes --only-binary :all: -r requirements-runtime.lock
RUN python -m venv /build
RUN /build/bin/pip install --quiet --require-hashes -r requirements-build.lock
COPY pyproject.toml hatch_build.py LICENSE ./
COPY domain ./domain
COPY application ./application
COPY adapters ./adapters
COPY entrypoints ./entrypoints
RUN /build/bin/hatchling build -t wheel
RUN /opt/signalman/bin/pip install --quiet --no-deps --no-index dist/*.whl
RUN /opt/signalman/bin/python -m compileall -q /opt/signalman/lib
RUN /opt/signalman/bin/pip uninstall --quiet --yes pip

FROM python:${PYTHON}
RUN useradd --uid 10001 --home-dir /var/lib/signalman --create-home --shell /usr/sbin/nologin signalman
COPY --from=build /opt/signalman /opt/signalman
ENV PATH=/opt/signalman/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SIGNALMAN_DATA_DIR=/var/lib/signalman \
    SIGNALMAN_HOST=0.0.0.0 \
    SIGNALMAN_LOG_FORMAT=json
USER 10001:10001
WORKDIR /var/lib/signalman
EXPOSE 8000
ENTRYPOINT ["signalman"]
CMD ["--help"]
