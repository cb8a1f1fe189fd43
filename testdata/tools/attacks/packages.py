"""torch.package: an archive with Python of its own, which its importer runs."""

from .kit import COMMAND, STOP, TOUCH, call, pickled, proto, technique, zipped

CODE = f"import os\nos.system({COMMAND!r})\nclass Net:\n    pass\nNamespace = Net\n".encode()


def package(pickle, code, extern=b"os\nposix\n"):
    """An archive as PackageExporter writes it: members of code by their path."""
    data = {".data/extern_modules": extern, ".data/version": b"6\n", "byteorder": b"little"}
    members = {"model/model.pkl": pickle, **code, **data}
    return zipped([("p/" + name, data) for name, data in members.items()])


@technique("torch-package-code", "torch.package runs the module in the archive that a pickle names", "torch-package")
def code():
    def by(module, name):
        return proto(2) + call(module, name) + STOP

    linear = CODE + b"Linear = Net\n"

    return {
        "own": package(by("ours.net", "Net"), {"ours/net.py": CODE}),
        "init": package(by("ours", "Net"), {"ours/__init__.py": CODE}),
        "python": package(by("argparse", "Namespace"), {"argparse.py": CODE}),
        "torch": package(by("torch.nn.modules.linear", "Linear"), {"torch/nn/modules/linear.py": linear}),
        "pickle": package(pickled(TOUCH), {}),
    }
