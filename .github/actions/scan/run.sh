#!/usr/bin/env bash
# Scans DEPICKLE_PATHS with the program DEPICKLE and the flags DEPICKLE_ARGS,
# both one a line. Writes sarif and exit-code to GITHUB_OUTPUT, and succeeds
# whatever was found, so that the report can be uploaded; end.sh fails then.
set -euo pipefail

# lines TEXT: sets list to the lines that are not empty. Bash 3.2, which macOS
# has, knows no mapfile.
lines() {
	local line
	list=()
	while IFS= read -r line || [ -n "$line" ]; do
		line=${line%$'\r'}
		if [ -n "$line" ]; then list+=("$line"); fi
	done <<<"$1"
}

lines "${DEPICKLE_ARGS-}"
flags=(${list[@]+"${list[@]}"})
lines "${DEPICKLE_PATHS-}"
paths=(${list[@]+"${list[@]}"})

dir=$(mktemp -d "${RUNNER_TEMP:?}/depickle.XXXXXX")
sarif=$dir/depickle.sarif
code=0

scan() { "${DEPICKLE:?}" scan "$@" ${flags[@]+"${flags[@]}"} -- ${paths[@]+"${paths[@]}"}; }

# The log shows names that the files' author chose, and the runner takes lines
# of it for commands. It stops to, until it sees a word that nobody can guess.
word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
[ "${#word}" -eq 32 ]
echo "::stop-commands::$word"
scan --sarif >"$sarif" || code=$?
if [ "$code" -ne 0 ]; then scan --format=text 2>&1 || true; fi
echo "::$word::"

# Flags such as --help print something else, and exit with 0.
if ! grep -q '"version": "2.1.0"' "$sarif"; then
	sarif=
	if [ "$code" -eq 0 ]; then code=2; fi
fi
printf 'sarif=%s\nexit-code=%s\n' "$sarif" "$code" >>"${GITHUB_OUTPUT:?}"
