#!/usr/bin/env bash
# Builds depickle from the source that this action came with.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
dir=$(mktemp -d "${RUNNER_TEMP:?}/depickle.XXXXXX")
bin=$dir/depickle$(go env GOEXE)

# The workspace is not ours: nothing in it may change the build.
GOWORK=off GOFLAGS='' CGO_ENABLED=0 go build -C "$root" -trimpath -buildvcs=false -o "$bin" ./cmd/depickle
echo "depickle=$bin" >>"${GITHUB_OUTPUT:?}"
