"""Containers without a daemon: the OCI runtime (runc or crun) on images of the local store."""
