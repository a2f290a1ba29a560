"""Speaks TLS with the line as a phone would, in versions that it must refuse."""

import socket
import ssl
import warnings
from datetime import UTC, datetime

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import SiteSettings
from hotline.certificate import days_left
from hotline.security.seen import Encryption

WEAK_VERSIONS = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
ANSWER_S = 5.0


def see_encryption(paths: InstancePaths, site: SiteSettings) -> Encryption | None:
    """Gives what is seen of TLS; None: the site has none.

    Raises:
        CertificateError: The certificate cannot be read.
    """
    if site.tls is None:
        return None
    spoken = tuple(version.name for version in WEAK_VERSIONS if is_spoken(site.sip_address, site.tls.port, version))
    return Encryption(weak_versions=spoken, days_left=days_left(paths.tls_certificate, datetime.now(UTC)))


def is_spoken(address: str, port: int, version: ssl.TLSVersion) -> bool:
    """Tells whether a server speaks this version of TLS; one that cannot be reached speaks none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is told: the version alone is of interest
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # so that this side speaks the old versions
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ssl's own, about versions that are to be refused
        context.minimum_version = version
        context.maximum_version = version
    try:
        with socket.create_connection((address, port), timeout=ANSWER_S) as plain, context.wrap_socket(plain):
            return True
    except OSError:
        return False
