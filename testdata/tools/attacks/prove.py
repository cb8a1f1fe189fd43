"""Runs the files of the catalogue under their loaders, and a scanner over them."""

import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SECONDS = 120  # for one load; torch alone takes a few to be imported
LOADERS = pathlib.Path(__file__).with_name("loaders.py")


def table(directory):
    lines = (directory / "table.tsv").read_text().splitlines()[1:]
    return [line.split("\t")[:4] for line in lines]


def each(rows, work):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, rows))


def executes(path, loader):
    """Says whether the marker was made, and what the child said last."""
    with tempfile.TemporaryDirectory() as empty:
        home = {"HOME": empty, "OMP_NUM_THREADS": "1"}
        try:
            done = subprocess.run(
                [sys.executable, str(LOADERS), loader, str(path)],
                cwd=empty,
                env={**os.environ, **home},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
            )
            said = done.stderr.decode(errors="replace").strip().splitlines()
        except subprocess.TimeoutExpired:
            said = ["timed out"]
        return os.path.exists(os.path.join(empty, "marker")), said[-1] if said else ""


def prove(directory):
    """Prints every file that did not execute; returns how many."""
    rows = table(directory)
    results = each(rows, lambda row: executes(directory / row[0], row[2]))
    failed = 0
    for (name, _, loader, _), (ran, said) in zip(rows, results):
        if not ran:
            failed += 1
            print(f"{name}\t{loader}\tdid not execute: {said[:160]}")
    print(f"{len(rows)} files, {len(rows) - failed} executed")
    return failed


def scan(program, path):
    """The exit status, and the ids of what was found."""
    done = subprocess.run([program, "scan", "--json", str(path)], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
    ids = collections.Counter()
    try:
        for file in json.loads(done.stdout)["files"]:
            ids.update(f["severity"] + " " + f["id"] for f in file.get("findings") or ())
    except (ValueError, KeyError):
        ids["no report"] += 1
    return done.returncode, ", ".join(sorted(ids)) or "nothing found"


def scan_both(program, path):
    """Scans a file by its name, and as what a directory holds: there a file that
    is no checkpoint does not count."""
    with tempfile.TemporaryDirectory() as one:
        shutil.copy(path, one)
        (pathlib.Path(one) / "harmless.pkl").write_bytes(b"\x80\x02}.")
        return scan(program, path), scan(program, one)


def missed(directory, program):
    """Prints every file that did not exit 1 both ways; returns how many."""
    rows = table(directory)
    results = each(rows, lambda row: scan_both(program, directory / row[0]))
    wrong = 0
    for (name, ident, loader, _), (alone, found) in zip(rows, results):
        if alone[0] == 1 and found[0] == 1:
            continue
        wrong += 1
        print(f"{name}\t{loader}\texit {alone[0]}, in a directory {found[0]}: {alone[1]}")
    print(f"{len(rows)} files, {len({row[1] for row in rows})} techniques, {wrong} missed")
    return wrong
