"""The files that are scanned, and what each should be called."""

import lzma
import pathlib
import shutil

# Scanners go by the names of files, so each has the one that its loader's files
# have.
ENDS = {
    "torch": ".pt",
    "torch-package": ".pt",
    "numpy": ".npy",
    "joblib": ".joblib",
    "joblib-loop": ".joblib",
    "zip-members": ".zip",
    "tar-members": ".tar",
    "7z-members": ".7z",
    "distcp": ".distcp",
    "dcp-metadata": ".metadata",
}


def attacks(directory, into):
    """The attacker's catalogue: path of each file, and its technique, "" for one
    that is in no public catalogue."""
    rows = [line.split("\t") for line in (directory / "table.tsv").read_text().splitlines()[1:]]
    for row in rows:
        name, technique, loader, _, catalogue = row
        data = (directory / name).read_bytes()
        end = ".npz" if loader == "numpy" and data[:2] == b"PK" else ENDS.get(loader, ".pkl")
        path = into / (name.removesuffix(".bin") + end)
        path.write_bytes(data)
        yield path, technique if catalogue == "public" else ""


def corpus(directory, into):
    """A folder of the corpus, unpacked: the path of each file."""
    for path in sorted(directory.rglob("*")):
        if not path.is_file() or path.name == "MANIFEST.tsv":
            continue
        name = "__".join(path.relative_to(directory).parts)
        to = into / name.removesuffix(".xz")
        if path.suffix == ".xz":
            to.write_bytes(lzma.decompress(path.read_bytes()))
        else:
            shutil.copyfile(path, to)
        yield to


# What the corpus's manifest expects of files that do harm.
HARMFUL = ("malicious", "flag:")


def harmful(root):
    """The files of the malicious folder that do harm, by the manifest."""
    rows = [line.split("\t") for line in (root / "MANIFEST.tsv").read_text().splitlines()[1:]]
    return {"__".join(row[0].split("/")[1:]) for row in rows if row[0].startswith("malicious/") and row[1].startswith(HARMFUL)}
