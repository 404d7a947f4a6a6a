"""Images on other machines: the OCI distribution-spec 1.1, as registries really speak it.

    pull, push     whole images; parallel and progress serve both
    registry       what one registry has, and getting it; upload gives, download reads on after a broken connection
    remote         blobs that lie in registries, as sources of an image's layers
    transport      one HTTP request, whatever the network does in between: exchange, retry, network, address, outage
    auth           the user's credentials; credential_helper asks the programs that keep them
    authorization  the header of each request, by way of challenge and token; refusal tells what a registry's no means

Importing this package loads none of them.
"""
