"""Images as the OCI image specification wants them, the same bytes for the same input.

https://github.com/opencontainers/image-spec: layer.md, config.md, manifest.md, image-layout.md
"""
import dataclasses
import gzip
import hashlib
import io
import json
import tarfile

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@dataclasses.dataclass
class Layer:
    blob: bytes
    diff_id: str  # digest of the uncompressed tar
    what: str     # for the image's history


def digest(blob):
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def _header(entry):
    info = tarfile.TarInfo(entry.path + ("/" if entry.kind == "dir" else ""))
    info.type = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}[entry.kind]
    info.mode = 0o777 if entry.kind == "link" else entry.mode
    info.uid = info.gid = entry.owner
    info.mtime = entry.mtime
    info.linkname = entry.link
    info.size = len(entry.data)
    info.pax_headers = {f"SCHILY.xattr.{name}": value.decode("latin-1") for name, value in entry.xattrs.items()}
    return info


def make_layer(entries, what):
    """Sorted, so that a folder stands before what is in it."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in sorted(entries, key=lambda entry: entry.path.split("/")):
            tar.addfile(_header(entry), io.BytesIO(entry.data))
    compressed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=compressed, mtime=0) as out:
        out.write(raw.getvalue())
    return Layer(compressed.getvalue(), digest(raw.getvalue()), what)


class Layout:
    """An OCI image layout that grows; write() gives a folder, archive() the same as a tar."""

    def __init__(self):
        self.files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}

    def add(self, blob, media_type):
        """The descriptor of a blob that is in the layout from now on."""
        name = digest(blob)
        self.files["blobs/sha256/" + name.removeprefix("sha256:")] = blob
        return {"mediaType": media_type, "digest": name, "size": len(blob)}

    def add_json(self, value, media_type):
        return self.add(json.dumps(value, sort_keys=True, separators=(",", ":")).encode(), media_type)

    def add_image(self, layers, config, annotations):
        """The descriptor of one architecture's image."""
        config = {**config, "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
                  "history": [{"created": config["created"], "created_by": layer.what} for layer in layers]}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": self.add_json(config, CONFIG),
                    "layers": [self.add(layer.blob, LAYER) for layer in layers], "annotations": annotations}
        return {**self.add_json(manifest, MANIFEST), "platform": {"architecture": config["architecture"], "os": "linux"}}

    def name(self, images, full_name, annotations):
        """Gives one image, or one for each of several architectures, its name: registry/repository:tag."""
        top = images[0]
        if len(images) > 1:
            index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": images, "annotations": annotations}
            top = self.add_json(index, INDEX)
        # Docker, Podman and skopeo want the tag; containerd the whole name.
        names = {"org.opencontainers.image.ref.name": full_name.rsplit(":", 1)[1], "io.containerd.image.name": full_name}
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{**top, "annotations": names}]}
        self.files["index.json"] = json.dumps(index, sort_keys=True, separators=(",", ":")).encode()

    def write(self, folder):
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def archive(self, path, mtime):
        folders = ["blobs", "blobs/sha256"]
        with tarfile.open(path, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name in sorted(folders + list(self.files)):
                info = tarfile.TarInfo(name)
                info.mtime = mtime
                info.type, info.mode = (tarfile.DIRTYPE, 0o755) if name in folders else (tarfile.REGTYPE, 0o644)
                content = self.files.get(name, b"")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))


def pretty(value):
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
