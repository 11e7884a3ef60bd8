"""What an image is made of, as SPDX 2.3 JSON: https://spdx.github.io/spdx-spec/v2.3/"""
import hashlib
import re
import subprocess

# Libraries of headers: they are in our binaries, and in no package of the image.
HEADERS = {"controller": ("libcli11-dev", "nlohmann-json3-dev"),
           "bootd": ("libboost1.74-dev", "libcli11-dev", "nlohmann-json3-dev")}


def _id(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def _debian(name, version, arch, source):
    return {"SPDXID": _id("Package-" + name), "name": name, "versionInfo": version, "supplier": "Organization: Debian",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
            # Its licenses: /usr/share/doc/<name>/copyright in the image.
            "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION", "sourceInfo": f"built from Debian source {source}",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": f"pkg:deb/debian/{name.replace('+', '%2B')}@{version.replace('+', '%2B')}?arch={arch}"}]}


def _from_package(package):
    fields = package.fields
    entry = _debian(package.name, fields["Version"], fields["Architecture"], fields.get("Source", package.name).split()[0])
    return {**entry, "checksums": [{"algorithm": "SHA256", "checksumValue": package.sha256}]}


def _headers(image):
    """As this machine has them; it built the binary, if it was not handed over."""
    form = "${Version}\t${source:Package}"
    for name in HEADERS[image]:
        done = subprocess.run(["dpkg-query", "-W", "-f", form, name], capture_output=True, text=True)
        if done.returncode == 0:
            version, source = done.stdout.split("\t")
            yield _debian(name, version, "all", source)


def _related(of, kind, to):
    return {"spdxElementId": of, "relationshipType": kind, "relatedSpdxElement": to}


def document(about, packages, binary, path):
    """about: image, title, version, arch, created (RFC 3339), license; `binary` is the content of `path`."""
    name = f"{about['image']}-{about['version']}-{about['arch']}"
    ours, file = _id("Package-" + about["title"]), _id("File-" + about["image"])
    sha1, sha256 = hashlib.sha1(binary).hexdigest(), hashlib.sha256(binary).hexdigest()
    shipped = [_from_package(package) for package in packages]
    compiled_in = list(_headers(about["image"]))
    main = {"SPDXID": ours, "name": about["title"], "versionInfo": about["version"], "downloadLocation": "NOASSERTION",
            # Of the files only ours: Debian's are its packages' business. SPDX 2.3 §7.9: the SHA1 of all SHA1s.
            "filesAnalyzed": True, "packageVerificationCode": {"packageVerificationCodeValue": hashlib.sha1(sha1.encode()).hexdigest()},
            "licenseConcluded": about["license"], "licenseDeclared": about["license"],
            "copyrightText": "NOASSERTION", "primaryPackagePurpose": "CONTAINER"}
    program = {"SPDXID": file, "fileName": "./" + path, "fileTypes": ["BINARY"], "licenseConcluded": about["license"],
               "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION",
               "checksums": [{"algorithm": "SHA1", "checksumValue": sha1},
                             {"algorithm": "SHA256", "checksumValue": sha256}]}
    contents = "".join(sorted(p["SPDXID"] + p["versionInfo"] for p in shipped + compiled_in)) + sha256
    relationships = [_related("SPDXRef-DOCUMENT", "DESCRIBES", ours), _related(ours, "CONTAINS", file)]
    relationships += [_related(ours, "CONTAINS", package["SPDXID"]) for package in shipped]
    relationships += [_related(file, "STATIC_LINK", package["SPDXID"]) for package in compiled_in]
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
            "documentNamespace": f"https://firesteel.dev/spdx/{name}-{hashlib.sha256(contents.encode()).hexdigest()}",
            "creationInfo": {"created": about["created"], "creators": ["Tool: firesteel-images"]},
            "packages": [main] + shipped + compiled_in, "files": [program], "relationships": relationships}
