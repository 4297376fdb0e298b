"""Somebody with a browser, who notes everything that it complains of."""

from typing import Any, Final, Literal

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

from tests.acceptance.served import PASSWORD, USER

Scheme = Literal["light", "dark"]
DESK: Final = (1280, 800)
PHONE: Final = (390, 844)
WITHIN: Final = 30_000
"""Milliseconds that any one thing on a page may take before its test fails."""
expect.set_options(timeout=WITHIN)


class Visitor:
    """One browser session: its page, and what went wrong on it."""

    def __init__(
        self,
        browser: Browser,
        home: str,
        *,
        scheme: Scheme = "light",
        size: tuple[int, int] = DESK,
        timezone: str = "UTC",
        **more: Any,
    ) -> None:
        """`home` is where the console is, without a slash at the end."""
        self.home = home
        self.context = browser.new_context(
            base_url=home,
            color_scheme=scheme,
            viewport={"width": size[0], "height": size[1]},
            locale="en-GB",
            timezone_id=timezone,
            **more,
        )
        self.context.set_default_timeout(WITHIN)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self._forgiven: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        # Chromium tells of violations of the policy as errors in the console.
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text} ({self.page.url})")

    def go(self, path: str) -> Response:
        """Open a page."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer

    def log_in(self, name: str = USER, password: str = PASSWORD) -> "Visitor":
        """Log in, as people do; the browser is then on the first page."""
        self.go("/login")
        self.page.get_by_label("User", exact=True).fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_role("navigation", name="Pages").wait_for()
        return self

    def row(self, text: str) -> Locator:
        """The rows of tables with a text in them."""
        return self.page.locator("tbody tr").filter(has_text=text)

    def press(self, *keys: str) -> None:
        """Press keys, each once the scripts of the page that is there can hear it."""
        for key in keys:
            self.page.wait_for_load_state("domcontentloaded")
            self.page.keyboard.press(key)

    def forgive(self, *parts: str) -> None:
        """Leave out complaints that the test provokes, those too that are still to come."""
        self._forgiven += parts

    def close(self) -> None:
        """Go; whatever the browser complained of fails the test."""
        self.context.close()
        left = [said for said in self.complaints if not any(map(said.__contains__, self._forgiven))]
        assert not left, "\n".join(left)
