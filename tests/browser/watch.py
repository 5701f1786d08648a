"""The watch over every page a test opens: what a visitor's browser must never ask, refuse or complain of."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Request, Response, WebError

#: Put into every page before its own scripts: what the policy refuses is told on the console, reports or not.
TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy ${event.effectiveDirective} refused ${event.blockedURI || "inline"}`);
});
"""
INSIDE = ("data", "blob", "about")
_STATUS_TOLD = re.compile(r"status of (\d{3})")


@dataclass
class Watch:
    """Collects the faults of one browser context.

    Parameters
    ----------
    host : str
        ``name:port`` of the one server that may be asked; empty for a file that must ask nobody.
    expected : set of int
        HTTP statuses of 400 and above that the test is about.
    """

    host: str
    expected: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> "Watch":
        """Begin to watch `context`."""
        context.add_init_script(TELL_OF_VIOLATIONS)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", self._error)
        return self

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in INSIDE:
            return
        self.asked.append(request.url)
        if address.scheme != "file" and address.netloc != self.host:
            self.faults.append(f"asked another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"HTTP {response.status} for {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        told = _STATUS_TOLD.search(message.text)
        if not (told and int(told[1]) in self.expected):
            self.faults.append(f"console: {message.text}")

    def _error(self, error: WebError) -> None:
        thrown: Error = error.error
        self.faults.append(f"script error: {thrown.message}")
