"""Artifacts that lie elsewhere: in object stores, on web servers, in images; brought here, and taken there."""
