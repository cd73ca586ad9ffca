FROM python:3.13.9-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv/hubportal
# requirements-sandbox.txt makes an image that can also be the sandbox hub; the site itself does without.
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-sandbox.txt ./
RUN python -m venv /opt/hubportal
RUN /opt/hubportal/bin/python -m pip install --require-hashes --only-binary :all: \
    --no-binary pyvips --requirement ${REQUIREMENTS}
COPY manage.py ./
COPY hubportal ./hubportal
COPY static ./static
COPY templates ./templates
# Collecting reads the settings and none of the secrets: these stand in for them and stay in this line.
RUN SECRET_KEY=none KEYRING=none SITE_URL=http://localhost HUBPORTAL_DATA=/tmp/build STATIC_ROOT=/srv/hubportal/staticfiles \
    /opt/hubportal/bin/python manage.py collectstatic --no-input
RUN /opt/hubportal/bin/python -m compileall -q hubportal


FROM python:3.13.9-slim-bookworm

RUN groupadd --gid 10001 hubportal \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin hubportal \
    && install --directory --owner hubportal --group hubportal --mode 0700 /data
COPY --from=build /opt/hubportal /opt/hubportal
COPY --from=build /srv/hubportal /srv/hubportal
ENV PATH=/opt/hubportal/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HUBPORTAL_DATA=/data \
    STATIC_ROOT=/srv/hubportal/staticfiles \
    LOG_FORMAT=json \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=32
WORKDIR /srv/hubportal
USER 10001:10001
VOLUME /data
EXPOSE 8000
# Asked for by the name people use: any other may be missing from ALLOWED_HOSTS.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ['SITE_URL'].split('/')[2]}), timeout=4)"]
# The other commands: `python manage.py migrate`, and for the worker `python manage.py dj_queue --mode async`.
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--http", "1", "--no-ws", "--log-level", "error", "hubportal.wsgi:application"]
