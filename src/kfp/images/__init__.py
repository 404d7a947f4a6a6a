"""A stand-alone library for OCI and Docker images: no daemon, no Docker, nothing of KFP.

The nouns, from the smallest to the largest; open the module of the one you need:

    reference    the name of an image: registry, repository, tag, digest
    digest       "sha256:…", computed and checked
    media_types  the names of formats, and the two families (OCI, Docker) that a manifest may speak
    platform     os/architecture/variant
    descriptor   media type + digest + size: how one document points at another
    blob         a descriptor and a place that can open it
    manifest     the list of an image's blobs, and the index of several manifests
    config       what the image is: environment, command, diff_ids, history
    tar          the bytes of a layer, the same on every machine; untar reads those that nobody vouches for
    compression  gzip and zstd, in members that are compressed side by side and may be put together
    layer        a blob of files; `build_layer` makes one, `parts` one of what was packed before
    image        manifest + config + layers, immutable; a change returns a new one
    image_index  images for several platforms under one name
    store        images on this machine: an OCI layout, safe for several processes and for kills; it stands on
                 blob_store (the blobs), layout (the index), origins (who else has a blob) and durable (the files)
    archive      images in one file, written and read: oci_archive and docker_archive
    extract      a layer's files on disk, safely

    distribution images on other machines: registries, credentials, pull and push

Importing this package loads none of them.
"""
