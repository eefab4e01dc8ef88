"""Real servers on loopback sockets, and a ledger that counts how often it was asked."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from proving.sinks.process import Sink
from tests.support.running import until

LOGIN = "bot:s3cret"


@dataclass
class Ledger:
    """A handover that answers what it is told to, and counts."""

    says: bool = True
    asked: int = 0
    meanwhile: Callable[[], object] = lambda: True
    """What has to have happened before the commit is through."""

    async def __call__(self) -> bool:
        self.asked += 1
        await until(self.meanwhile, bool)
        return self.says


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture(scope="session", name="certificate")
def _certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PEM file with key and certificate for localhost, its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(public, critical=False)
        .add_extension(authority, critical=False)
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture(scope="session")
def trust(certificate: Path) -> ssl.SSLContext:
    """Trusts the sinks' certificate."""
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture(scope="module", name="smtp_process")
def _smtp_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with Sink("smtp", tmp_path_factory.mktemp("smtp")) as sink:
        yield sink


@pytest.fixture
def smtp(smtp_process: Sink) -> Sink:
    """A plain mail server with empty books and no script."""
    smtp_process.forget()
    return smtp_process


@pytest.fixture(scope="module", name="secure_process")
def _secure_process(tmp_path_factory: pytest.TempPathFactory, certificate: Path) -> Iterator[Sink]:
    options = ("--starttls", "--auth", LOGIN, "--certificate", str(certificate))
    with Sink("smtp", tmp_path_factory.mktemp("secure"), *options) as sink:
        yield sink


@pytest.fixture
def secure(secure_process: Sink) -> Sink:
    """A mail server with STARTTLS and a login, books empty."""
    secure_process.forget()
    return secure_process


@pytest.fixture(scope="module", name="http_process")
def _http_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with Sink("http", tmp_path_factory.mktemp("http")) as sink:
        yield sink


@pytest.fixture
def http(http_process: Sink) -> Sink:
    """A gateway with empty books and no script."""
    http_process.forget()
    return http_process


@pytest.fixture(scope="module", name="smpp_process")
def _smpp_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with Sink("smpp", tmp_path_factory.mktemp("smpp"), "--auth", LOGIN) as sink:
        yield sink


@pytest.fixture
def smpp(smpp_process: Sink) -> Sink:
    """An SMS centre with a login, empty books and no script."""
    smpp_process.forget()
    return smpp_process
