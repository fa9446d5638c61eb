#!/bin/sh
# Runs once, when the database is made: the application role owns nothing and gets its rights from each migrate.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  -v password="$APP_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE portal_app LOGIN PASSWORD :'password';
REVOKE ALL ON DATABASE portal FROM PUBLIC;
GRANT CONNECT ON DATABASE portal TO portal_app;
SQL
