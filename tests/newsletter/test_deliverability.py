"""SPF, DKIM, DMARC: the judgements as tables; the questions to a DNS server on loopback; the mail server and the one-click
address for real."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("dns", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")
pytest.importorskip("css_inline", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from aggregator.jobs.mail_check import check_mail, one_click, server
from aggregator.newsletter.deliverability import Dns, alignment, dkim, dmarc, sender_findings, spf
from aggregator.values.settings import Signup
from tests.newsletter.offices import Office
from tests.receivers import MailServer


@pytest.mark.parametrize(
    ("texts", "is_good", "told"),
    [
        (["v=spf1 include:_spf.provider.example -all"], True, "says which servers"),
        (["v=spf1 mx ~all", "google-site-verification=x"], True, "says which"),
        (["v=spf1 redirect=_spf.provider.example"], True, "says which"),
        (["V=SPF1 mx -ALL"], True, "says which"),
        ([], False, "does not say which servers"),
        (["v=spf10 mx -all"], False, "does not say which servers"),
        (["v=spf1 mx -all", "v=spf1 a -all"], False, "has 2 SPF records"),
        (["v=spf1 mx +all"], False, "lets every server"),
        (["v=spf1 all"], False, "lets every server"),
        (["v=spf1 mx ?all"], False, "refuses nobody"),
        (["v=spf1 mx"], False, "refuses nobody"),
    ],
)
def test_spf(texts: list[str], is_good: bool, told: str) -> None:
    found = spf(texts, "example.org")

    assert (found.is_good, told in found.sentence) == (is_good, True), found


@pytest.mark.parametrize(
    ("texts", "is_good", "told"),
    [
        (["v=DKIM1; k=rsa; p=MIIBIj"], True, "has a key"),
        (["k=rsa; p=MIIB Ij"], True, "has a key"),
        (["v=DKIM1; p="], False, "was revoked"),
        (["v=DKIM2; p=abc"], False, "has no key"),
        ([], False, "has no key"),
        (None, False, "dkim_selector"),
    ],
)
def test_dkim(texts: list[str] | None, is_good: bool, told: str) -> None:
    found = dkim(texts, "example.org", "mail")

    assert (found.is_good, told in found.sentence) == (is_good, True), found


@pytest.mark.parametrize(
    ("texts", "is_good", "told"),
    [
        (["v=DMARC1; p=none; rua=mailto:d@example.org"], True, "p=none"),
        (["v=DMARC1;p=reject"], True, "p=reject"),
        (["v=DMARC1; sp=none"], False, "has no policy"),
        (["v=DMARC1; p=maybe"], False, "has no policy"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], False, "has 2 DMARC records"),
        (["p=none"], False, "has no DMARC record"),
        ([], False, "has no DMARC record"),
    ],
)
def test_dmarc(texts: list[str], is_good: bool, told: str) -> None:
    found = dmarc(texts, "example.org")

    assert (found.is_good, told in found.sentence) == (is_good, True), found


@pytest.mark.parametrize(
    ("domain", "host", "is_good"),
    [("example.org", "www.example.org", True), ("news.example.org", "example.org", True), ("example.org", "clinic.example.org", True),
     ("example.com", "example.org", False), ("badexample.org", "example.org", False)],
)  # fmt: skip
def test_whose_letters_they_are(domain: str, host: str, is_good: bool) -> None:
    assert alignment(domain, host).is_good is is_good


class DnsServer:
    """A DNS server on loopback that knows a few records."""

    def __init__(self, records: dict[tuple[str, str], list[str]], rcode: dns.rcode.Rcode = dns.rcode.NOERROR) -> None:
        self._records, self._rcode = records, rcode
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                asked, whom = self._socket.recvfrom(4096)
            except OSError:
                return
            question = dns.message.from_wire(asked)
            answer = dns.message.make_response(question)
            answer.flags |= dns.flags.RA
            answer.set_rcode(self._rcode)
            (one,) = question.question
            kind = one.to_text().split()[-1]
            found = self._records.get((one.name.to_text().rstrip("."), kind), [])
            if found:
                answer.answer.append(dns.rrset.from_text(one.name, 60, "IN", kind, *found))
            self._socket.sendto(answer.to_wire(), whom)

    def close(self) -> None:
        self._socket.close()


GOOD = {
    ("institute.example", "MX"): ["10 mx.institute.example."],
    ("institute.example", "TXT"): ['"v=spf1 mx" " -all"', '"something else"'],
    ("mail._domainkey.institute.example", "TXT"): ['"v=DKIM1; k=rsa; p=MIIBIjANBg"'],
    ("_dmarc.institute.example", "TXT"): ['"v=DMARC1; p=quarantine"'],
}


def test_the_records_of_a_domain_are_asked_for() -> None:
    running = DnsServer(GOOD)
    try:
        good = sender_findings(Dns(running.address), "news.institute.example", "institute.example", None)
        all_good = sender_findings(Dns(running.address), "institute.example", "institute.example", "mail")
        nothing = sender_findings(Dns(running.address), "other.example", "other.example", "mail")
    finally:
        running.close()

    assert [one.is_good for one in all_good] == [True, True, True, True]
    # The policy of a domain above counts as well.
    assert [(one.name, one.is_good) for one in good] == [("MX", True), ("SPF", True), ("DKIM", False), ("DMARC", True)]
    assert [one.is_good for one in nothing] == [False, False, False, False]


def test_a_domain_that_takes_no_mail_says_so() -> None:
    running = DnsServer({("a.example", "MX"): ["0 ."], ("b.example", "A"): ["192.0.2.1"]})
    try:
        records = Dns(running.address)
        assert (records.has_mail("a.example"), records.has_mail("b.example")) == (False, True)
    finally:
        running.close()


def test_a_dns_that_does_not_answer_is_one_sentence(office: Office) -> None:
    running = DnsServer({}, dns.rcode.SERVFAIL)
    try:
        office.smtp = "smtp://127.0.0.1:1"
        found = check_mail(office.workspace, replace(office.environment, dns=running.address))
    finally:
        running.close()

    assert [one.sentence for one in found if one.name == "DNS"] == [
        "the DNS does not answer about institute.example (NoNameservers)"
    ]


class _Leaving(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert body == b"List-Unsubscribe=One-Click"
        assert self.path.startswith("/leave/")
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(params=[200, 500])
def signup(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    handler = type("Handler", (_Leaving,), {"status": request.param})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/", request.param
    running.shutdown()
    running.server_close()


def test_the_one_click_address_is_asked(signup: tuple[str, int]) -> None:
    url, status = signup
    found = one_click(url)

    # It works and is no https, or it answers wrongly: neither is as mail programs want it.
    assert not found.is_good
    assert ("https" if status == 200 else "answers 500") in found.sentence


def test_sign_up_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    assert "is not reached" in one_click(f"http://127.0.0.1:{port}/").sentence


def test_the_mail_server_is_asked(office: Office, mail: MailServer) -> None:
    office.smtp = mail.address
    assert server(office.environment).sentence == (
        "the mail server is reached without encryption; use smtps:// or a server that offers STARTTLS"
    )
    office.smtp = None
    assert "AGGREGATOR_SMTP_URL" in server(office.environment).sentence
    office.smtp = "smtp://127.0.0.1:1"
    assert "cannot be used" in server(office.environment).sentence


def test_all_of_it(office: Office, mail: MailServer) -> None:
    office.smtp = mail.address
    running = DnsServer(GOOD)
    try:
        workspace = office.workspace
        settings = workspace.settings.model_copy(
            update={
                "signup": Signup(url="http://127.0.0.1:1/"),
                "newsletter": office.newsletter.model_copy(update={"dkim_selector": "mail"}),
            }
        )
        found = check_mail(replace(workspace, settings=settings), replace(office.environment, dns=running.address))
    finally:
        running.close()

    assert {one.name: one.is_good for one in found} == {
        "MX": True, "SPF": True, "DKIM": True, "DMARC": True, "sender": False, "address": False, "server": False,
        "one click": False,
    }  # fmt: skip
