#!/usr/bin/env python3
"""Check an exported archive (ZIP) against its manifest. Needs nothing but Python 3.

    python verify_archive.py ARCHIVE.zip [SHA-256 of manifest.json]

The second argument is what the insurer told of the manifest when it was exported; with it, a manifest that was
written anew is found too. Exit code: 0 all is as it was, 1 something differs, 2 this is no such archive.
"""

import hashlib
import json
import sys
import zipfile


def digest(archive, name):
    found = hashlib.sha256()
    with archive.open(name) as part:
        while piece := part.read(1 << 20):
            found.update(piece)
    return found.hexdigest()


def check(path, expected=None):
    """Yields a line for each thing that is not as the manifest says."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        manifest = archive.read("manifest.json")
        if expected and hashlib.sha256(manifest).hexdigest() != expected.lower():
            yield "清单不是导出时的那一份: manifest.json"
        listed = {one["name"]: one for one in json.loads(manifest)["files"]}
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"出现不止一次: {name}"
        for name in sorted(set(names) - listed.keys() - {"manifest.json"}):
            yield f"清单里没有: {name}"
        for name, one in sorted(listed.items()):
            if name not in names:
                yield f"缺少: {name}"
            elif archive.getinfo(name).file_size != one["size"] or digest(archive, name) != one["sha256"]:
                yield f"改动过: {name}"


def main():
    if len(sys.argv) not in {2, 3}:
        print(__doc__)
        return 2
    try:
        wrong = list(check(*sys.argv[1:]))
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        print(f"读不出来: {error}")
        return 2
    print("\n".join(wrong) or "没有改动，文件齐全。")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
