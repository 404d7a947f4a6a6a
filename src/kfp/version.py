"""The version: that of the KFP SDK interface implemented here, then Skiff's own as the local part."""

SDK_VERSION = "2.17.0"
SKIFF_VERSION = "0.1.0"
__version__ = "{}+skiff.{}".format(SDK_VERSION, SKIFF_VERSION)
