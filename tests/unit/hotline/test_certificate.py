"""The certificate of SIP over TLS: made once, kept while it is good, and a site's own copied only if it fits."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import SiteSettings, TlsSettings
from hotline.certificate import VALID_DAYS, CertificateError, days_left, ensure_certificate, make_certificate

TLS = SiteSettings(sip_address="192.0.2.10", media_address="sip.example.org", tls=TlsSettings())


@pytest.fixture
def paths(tmp_path: Path) -> InstancePaths:
    return InstancePaths(tmp_path)


def test_without_tls_nothing_is_made(paths: InstancePaths) -> None:
    ensure_certificate(paths, SiteSettings())
    assert not paths.tls.exists()


def test_a_certificate_is_made_with_a_key_that_nobody_else_reads(paths: InstancePaths) -> None:
    ensure_certificate(paths, TLS)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(paths.tls_certificate, paths.tls_key)
    assert paths.tls_key.stat().st_mode & 0o777 == 0o600
    assert paths.tls_certificate.stat().st_mode & 0o007 == 0
    assert days_left(paths.tls_certificate, datetime.now(UTC)) == VALID_DAYS - 1


def test_a_good_certificate_stays_and_one_for_another_address_is_made_anew(paths: InstancePaths) -> None:
    ensure_certificate(paths, TLS)
    first = paths.tls_certificate.read_bytes()
    ensure_certificate(paths, TLS)
    assert paths.tls_certificate.read_bytes() == first
    ensure_certificate(paths, TLS.model_copy(update={"sip_address": "192.0.2.11"}))
    assert paths.tls_certificate.read_bytes() != first


def test_a_certificate_that_is_about_to_end_is_made_anew(paths: InstancePaths) -> None:
    ensure_certificate(paths, TLS)
    old = make_certificate(("192.0.2.10", "127.0.0.1"), datetime.now(UTC) - timedelta(days=VALID_DAYS - 10))
    paths.tls_certificate.write_bytes(old[0])
    paths.tls_key.write_bytes(old[1])
    ensure_certificate(paths, TLS)
    assert days_left(paths.tls_certificate, datetime.now(UTC)) > 800


def own_files(folder: Path) -> tuple[Path, Path]:
    certificate, key = make_certificate(("192.0.2.10",), datetime.now(UTC))
    (folder / "own.pem").write_bytes(certificate)
    (folder / "own.key").write_bytes(key)
    return folder / "own.pem", folder / "own.key"


def test_the_sites_own_certificate_is_copied_to_where_asterisk_reads_it(paths: InstancePaths) -> None:
    certificate, key = own_files(paths.root)
    ensure_certificate(paths, SiteSettings(tls=TlsSettings(certificate=certificate, key=key)))
    assert paths.tls_certificate.read_bytes() == certificate.read_bytes()
    assert paths.tls_key.read_bytes() == key.read_bytes()
    assert paths.tls_key.stat().st_mode & 0o777 == 0o600


def test_a_key_of_another_certificate_is_refused_and_nothing_is_copied(paths: InstancePaths) -> None:
    certificate, key = own_files(paths.root)
    key.write_bytes(make_certificate(("192.0.2.10",), datetime.now(UTC))[1])
    with pytest.raises(CertificateError, match=r"mend `tls` in site\.yaml"):
        ensure_certificate(paths, SiteSettings(tls=TlsSettings(certificate=certificate, key=key)))
    assert not paths.tls_certificate.exists()


def test_a_certificate_without_its_key_is_no_setting(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="belong together"):
        TlsSettings(certificate=tmp_path / "own.pem")
