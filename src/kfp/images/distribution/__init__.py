"""Images on other machines: the OCI distribution-spec 1.1, as registries really speak it.

    pull, push     whole images; delivery brings one to a repository; parallel, in_flight and progress serve both
    registry       what one registry has, and getting it; upload and sending give, download gets, also after breaks
    remote         blobs that lie in registries, as sources of an image's layers
    transport      one HTTP request, whatever the network does in between: exchange, retry, network, connections,
                   certificates, address, outage
    auth           the user's credentials; credential_helper asks the programs that keep them
    authorization  the header of each request, by way of challenge and token; refusal tells what a registry's no means

Importing this package loads none of them.
"""
