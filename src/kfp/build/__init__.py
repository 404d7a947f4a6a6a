"""A directory of components → container images, without Docker.

directory ──plan──▶ Plan: components by (base_image, target_image) ──build──▶ layers → image → store → registry
"""
