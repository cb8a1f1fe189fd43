#!/usr/bin/env python3
"""Is each harmful file of the corpus found, in time and in little memory?

    DEPICKLE=./depickle corpus_check.py CORPUS

Scans each file of CORPUS/malicious by itself, in a child process. Where CPython
would reach a global (../corpus/globals.tsv, which globals.py made), or the
manifest says that the file does harm, the exit status must be 1 and the report
name each of these globals; the others must not be called clean. A second and 64
MiB are allowed; how a slow machine counts is said in hostile.py. The standard
library is all it needs. Ends with the slowest and the largest; exits 1 if
anything failed.
"""

import csv
import json
import os
import pathlib
import sys
import tempfile

import hostile

SECONDS, MEMORY = 1, 64 << 20
HERE = pathlib.Path(__file__).resolve().parent

# What the manifest has among harmful files and no loader would run: CPython
# stops before their payload. Exit status 2 will do.
HARMLESS = {
    "test_bypasses_TestBypasses_test_frame_boundary_straddle_variants_6.pkl": 2,  # a frame that is cut off
    "test_crashes_TestCrashes_test_impossible_cyclic_pickle_0.pkl": 2,  # a dict for a key
    "test_crashes_TestCrashes_test_impossible_cyclic_pickle_1.pkl": 2,  # a set in a set
    "test_crashes_TestCrashes_test_missing_mark_before_tuple_0.pkl": 2,  # no mark
    "malicious1_0x1.zip": 2,  # encrypted, by its flags
    "malicious1_0x40.zip": 2,
}

# Globals that the report has another finding for: what C before 3.13.15 drops at
# the end of a frame (scan/corpus_namedtest.go).
STRADDLES = "frame-straddle"

# The kinds of files that the manifest says are no pickle that could be read.
UNREAD = {"not-pickle": {2}, "encrypted-zip": {2}, "empty": {2}, "truncated": {1, 2}, "dos": {0, 1, 2}}


def manifest(corpus):
    with (corpus / "MANIFEST.tsv").open() as f:
        return [(row["path"], row["expected"]) for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
                if row["path"].startswith("malicious/")]


def reached():
    """The globals that CPython reaches, by file; the table is of the corpus."""
    out = {}
    with (HERE.parent / "corpus" / "globals.tsv").open() as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            out.setdefault(row["file"], set()).update((row["globals"] or "").split())
    return out


def allowed(path, expected, names):
    if names:
        return {1}
    if path.name in HARMLESS:
        return {HARMLESS[path.name]}
    return UNREAD.get(expected, {1})


def wrong(run, report, exits, names):
    """What is wrong with a run, if anything."""
    if run.exit not in exits:
        yield f"exit {run.exit}, not {' or '.join(map(str, sorted(exits)))}"
    if run.slow(SECONDS):
        yield f"takes more than {SECONDS} s"
    if run.peak > MEMORY:
        yield f"takes more than {MEMORY >> 20} MiB"
    listed = {g["module"] + "." + g["name"] for g in report["globals"]}
    ids = {f["id"] for f in report["findings"]}
    for name in sorted(names):
        if name not in listed and STRADDLES not in ids and not any(same(name, other) for other in listed):
            yield f"does not name {name}"


def same(name, other):
    """Python 2's name of a global and Python 3's."""
    import _compat_pickle

    module, _, last = other.rpartition(".")
    module, last = _compat_pickle.NAME_MAPPING.get((module, last), (_compat_pickle.IMPORT_MAPPING.get(module, module), last))
    return name == module + "." + last


def main():
    corpus = pathlib.Path(sys.argv[1]).resolve()
    program = str(pathlib.Path(os.environ["DEPICKLE"]).resolve())
    cgroup, truth = hostile.Cgroup(), reached()
    failures, slowest, largest, count, named = 0, (0, ""), (0, ""), 0, 0
    try:
        with tempfile.TemporaryDirectory() as tmp:
            for name, expected in manifest(corpus):
                path, names = corpus / name, truth.get(name, set())
                run = hostile.timed(cgroup, [program, "scan", "--json", path], tmp, SECONDS)
                exits = allowed(path, expected, names)
                count, named = count + 1, named + len(names)
                slowest = max(slowest, (run.seconds / run.pace, name))
                largest = max(largest, (run.peak, name))
                report = (json.loads(run.out)["files"] if run.out else [{}])[0]
                report.setdefault("globals", []), report.setdefault("findings", [])
                for text in wrong(run, report, exits, names):
                    failures += 1
                    print(f"FAIL {name}: {text} [{run}]")
    finally:
        cgroup.close()
    print(f"{count} files, {named} globals that CPython reaches, slowest {slowest[0]:.2f} s ({slowest[1]}), largest {largest[0] >> 20} MiB ({largest[1]}), {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
