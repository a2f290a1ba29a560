"""Puts certificate and key of SIP over TLS where Asterisk reads them: the site's own, or ones made for one machine.

Why a copy: a root folder's Asterisk sees the instance folder and nothing else of the machine. A certificate that was
renewed takes effect with the next `hotline up`.
"""

import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import SiteSettings
from hotline.errors import HotlineError
from hotline.ports import LOOPBACK

VALID_DAYS = 825
"""Longer than operators' phones live without a look; renewed when `RENEW_DAYS` are left."""
RENEW_DAYS = 30
CERTIFICATE_MODE = 0o640
KEY_MODE = 0o600


class CertificateError(HotlineError):
    """Certificate or key cannot be used; the text says what to mend."""


def ensure_certificate(paths: InstancePaths, site: SiteSettings) -> None:
    """Sees that certificate and key lie in the instance, if the site has TLS; a good one that was made here stays.

    Raises:
        CertificateError: The site's files cannot be read, or do not belong together.
    """
    if site.tls is None:
        return
    paths.tls.mkdir(parents=True, exist_ok=True, mode=0o750)
    if site.tls.certificate is not None and site.tls.key is not None:
        _check_pair(site.tls.certificate, site.tls.key)
        _write(paths.tls_certificate, site.tls.certificate.read_bytes(), CERTIFICATE_MODE)
        _write(paths.tls_key, site.tls.key.read_bytes(), KEY_MODE)
    elif not _is_good(paths, site, datetime.now(UTC)):
        certificate, key = make_certificate(_addresses(site), datetime.now(UTC))
        _write(paths.tls_certificate, certificate, CERTIFICATE_MODE)
        _write(paths.tls_key, key, KEY_MODE)


def make_certificate(addresses: tuple[str, ...], now: datetime) -> tuple[bytes, bytes]:
    """Gives a self-signed certificate for these IP addresses, and its key; both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "legalaid-hotline")])
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address)) for address in addresses])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return certificate.public_bytes(serialization.Encoding.PEM), private


def days_left(certificate: Path, now: datetime) -> int:
    """Gives the whole days until a certificate ends; negative: it has ended.

    Raises:
        CertificateError: It cannot be read.
    """
    return (_read(certificate).not_valid_after_utc - now).days


def _addresses(site: SiteSettings) -> tuple[str, ...]:
    """Gives the addresses by which phones may reach this machine."""
    given = (site.sip_address, site.media_address, LOOPBACK)
    return tuple(dict.fromkeys(each for each in given if _is_address(each)))


def _is_address(text: str) -> bool:
    """Tells whether a site's address is one of a machine: neither a name nor "all addresses"."""
    try:
        return not ip_address(text).is_unspecified
    except ValueError:
        return False


def _is_good(paths: InstancePaths, site: SiteSettings, now: datetime) -> bool:
    """Tells whether the certificate that is there serves on: it is whole, not about to end, and for these addresses."""
    try:
        _check_pair(paths.tls_certificate, paths.tls_key)
        certificate = _read(paths.tls_certificate)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (CertificateError, x509.ExtensionNotFound):
        return False
    known = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    return known >= set(_addresses(site)) and days_left(paths.tls_certificate, now) > RENEW_DAYS


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CertificateError(f"{path}: no certificate in PEM: {error}") from error


def _check_pair(certificate: Path, key: Path) -> None:
    try:
        # Why the password: without one OpenSSL would ask for it on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        text = f"certificate {certificate} and key {key} cannot be used: {error}; mend `tls` in site.yaml"
        raise CertificateError(text) from error


def _write(path: Path, content: bytes, mode: int) -> None:
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)
