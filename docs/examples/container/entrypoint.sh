#!/bin/sh
# Starts Talon in a container: the arguments are its own, `app:app` first. What is not said:
#
#   GUNICORN_BIND     where to listen; else GUNICORN_HOST:GUNICORN_PORT, else 0.0.0.0:8000
#   GUNICORN_WORKERS  how many workers; else WEB_CONCURRENCY, else Talon's default
#   GUNICORN_ARGS     more options, separated by spaces
#
# Talon becomes process 1: it gets the container's TERM itself and reaps what is left to it.
set -eu

case ${1:-} in
    # Another program than the server, for a look inside.
    sh | bash | python | python3) exec "$@" ;;
    talon) shift ;;
esac

bind=${GUNICORN_BIND:-${GUNICORN_HOST:-0.0.0.0}:${GUNICORN_PORT:-8000}}
# Behind our own options, so that the last word is the user's.
# shellcheck disable=SC2086 # words are wanted
exec talon --bind "$bind" ${GUNICORN_WORKERS:+--workers "$GUNICORN_WORKERS"} ${GUNICORN_ARGS:-} "$@"
