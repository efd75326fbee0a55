#!/bin/sh
# Runs the benchmarks named on the command line, or all of them, one after the other, in an environment of their own (.venv-bench).
# Each writes its section of benchmarks/README.md.
set -eu
cd "$(dirname "$0")/.."
PYTHON="${PYTHON:-python3.11}"
ENV=.venv-bench

if [ ! -f "$ENV/.setup-done" ] || [ benchmarks/requirements.txt -nt "$ENV/.setup-done" ]; then
    [ -x "$ENV/bin/python" ] || "$PYTHON" -m venv "$ENV"
    "$ENV/bin/python" -m pip install --quiet uv
    UV_FIND_LINKS="${PIP_FIND_LINKS:-}" VIRTUAL_ENV="$ENV" "$ENV/bin/uv" pip install --quiet -r benchmarks/requirements.txt
    KERASCOPE_SKIP_WEB=1 VIRTUAL_ENV="$ENV" "$ENV/bin/uv" pip install --quiet --no-deps --editable .
    touch "$ENV/.setup-done"
fi

[ $# -gt 0 ] || set -- $(ls benchmarks/*.py | grep -v '/_')
for file in "$@"; do
    echo "== $file"
    "$ENV/bin/python" "$file"
done
