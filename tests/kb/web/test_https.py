"""HTTPS by certificate files: a real server on a real port."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kb.config.server import ServerSettings
from kb.errors import Misconfigured
from kb.web.door.certificates import certificate_of
from tests.harness.ports import free_port

ROOT = Path(__file__).parents[3]
SERVE = """
import sys
from pathlib import Path
from kb.config.server import ServerSettings
from kb.web.server import serve
from tests.kb.web.standin import InMemoryLibrary

home, port = Path(sys.argv[1]), int(sys.argv[2])
library = InMemoryLibrary(home)
server = ServerSettings(certificate=home / "cert.pem", certificate_key=home / "key.pem")
library.settings = library.settings.model_copy(update={"server": server})
serve(library, "127.0.0.1", port, lambda address: print(address, flush=True))
"""


def certify(home: Path) -> None:
    """Writes a certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "notes.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, SHA256())
    )
    (home / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (home / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server with a certificate, and the certificate."""
    certify(tmp_path)
    command = [sys.executable, "-c", SERVE, str(tmp_path), str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), tmp_path / "cert.pem"
        finally:
            process.kill()


def test_with_a_certificate_it_speaks_https_alone(served: tuple[str, Path]) -> None:
    address, certificate = served
    assert address.startswith("https://127.0.0.1:")
    trusted = ssl.create_default_context(cafile=str(certificate))
    with httpx.Client(verify=trusted, trust_env=False, timeout=60) as client:
        assert client.get(f"{address}/api/documents").status_code == 200
        elsewhere = client.get(f"{address}/api/documents", headers={"Origin": "https://example.org"})
        assert elsewhere.status_code == 403
    with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
        httpx.get(f"{address}/api/documents", trust_env=False, timeout=60)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{address.replace('https', 'http')}/api/documents", trust_env=False, timeout=60)


def test_a_certificate_that_does_not_fit_is_refused_with_a_sentence(tmp_path: Path) -> None:
    certify(tmp_path)
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    (tmp_path / "other").mkdir()
    certify(tmp_path / "other")
    assert certificate_of(ServerSettings(certificate=certificate, certificate_key=key)) == certificate
    for wrong in (None, tmp_path / "other" / "key.pem", tmp_path / "missing.pem"):
        with pytest.raises(Misconfigured, match=r"cert\.pem cannot be used"):
            certificate_of(ServerSettings(certificate=certificate, certificate_key=wrong))
